import math
import unittest

import cpp_shapes


class Shapes(unittest.TestCase):
    def test_areas(self):
        self.assertEqual(cpp_shapes.square(3), 9)
        self.assertAlmostEqual(cpp_shapes.circle(1), math.pi)

    def test_an_exception_of_one_module_is_caught_in_another_as_its_own_type(self):
        for name, shape in (("circle", cpp_shapes.circle), ("square", cpp_shapes.square)):
            with self.assertRaisesRegex(ValueError, f"^no {name} has this size: -2.0$"):
                shape(-2)

    def test_an_exception_of_one_module_is_caught_in_another_as_std_exception(self):
        for shape in (cpp_shapes.circle, cpp_shapes.square):
            with self.assertRaisesRegex(OverflowError, "^the area is not finite$"):
                shape(1e200)


if __name__ == "__main__":
    unittest.main()
