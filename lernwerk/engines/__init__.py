"""The engines: one module each, with an object ``ENGINE`` that follows ``lernwerk.core.engine``."""
