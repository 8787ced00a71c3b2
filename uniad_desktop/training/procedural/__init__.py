"""Images from formulas alone: seeded textures, shapes and light, in batched torch.

No photograph is read or shipped. The images teach the starter backbone (see ``docs/backbone.md``).
"""

from uniad_desktop.training.procedural.generate import generate_images
from uniad_desktop.training.procedural.random import Random

__all__ = ["Random", "generate_images"]
