"""T8 in PyTorch, in the order of its DCGAN tutorial.

torch is imported by those who import this module: inside makers only.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from bench import torch_networks, torch_running
from bench.generation import BETA, RATE
from bench.registry import Unit


def steps(makers: Any, judges: Any, real: Any, noise: Any, compiled: bool) -> Unit:
    """A step of each network, always with the same pictures and random numbers."""
    make = torch_networks.load(torch_networks.generator(), makers)
    judge = torch_networks.load(torch_networks.discriminator(), judges)
    makers_adam, judges_adam = (torch_running.adam(each, RATE, BETA) for each in (make, judge))
    pictures, numbers = torch_running.tensor(real), torch.from_numpy(noise)
    crossentropy = nn.BCEWithLogitsLoss()

    def loss(pictures: Any, answer: float) -> Any:
        logits = judge(pictures)
        return crossentropy(logits, torch.full_like(logits, answer))

    fake_loss = torch_running.made_fast(lambda fake: loss(fake, 1.0), compiled)
    both_losses = torch_running.made_fast(
        lambda real, fake: loss(real, 1.0) + loss(fake, 0.0), compiled
    )
    making = torch_running.made_fast(make, compiled)

    def step() -> float:
        fake = making(numbers)
        judges_adam.zero_grad()
        judged = both_losses(pictures, fake.detach())
        judged.backward()
        judges_adam.step()
        makers_adam.zero_grad()
        made = fake_loss(fake)
        made.backward()  # leaves gradients in the discriminator, which its next step clears
        makers_adam.step()
        return float(judged + made)

    return torch_running.at_best(step)
