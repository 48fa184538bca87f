"""Areas of shapes, each from a C++ module of its own."""

from cpp_shapes import _circle, _measure, _square


def circle(radius: float) -> float:
    """:raises ValueError: the radius is negative."""
    return _measure.area(_circle.area, radius)


def square(side: float) -> float:
    """:raises ValueError: the side is negative."""
    return _measure.area(_square.area, side)
