"""Files of Keras 1 and 2: their configs brought into the form of today, weights into shape."""
