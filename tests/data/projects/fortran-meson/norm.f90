! The length of (x, y), and the same as libgfortran writes it.
subroutine norm(x, y, length, text) bind(c)
  use, intrinsic :: iso_c_binding
  implicit none
  real(c_double), intent(in), value :: x, y
  real(c_double), intent(out) :: length
  character(kind=c_char), intent(out) :: text(8)
  character(len=8) :: written
  integer :: i

  length = hypot(x, y)
  write (written, '(f8.2)') length
  do i = 1, 8
    text(i) = written(i:i)
  end do
end subroutine norm
