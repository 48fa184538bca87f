"""Images of docker and podman as roots."""

from crosswheel.provision.images.root import ImageRoot
from crosswheel.provision.images.source import ImageSource

__all__ = ["ImageRoot", "ImageSource"]
