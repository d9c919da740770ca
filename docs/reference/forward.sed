# SPDX-License-Identifier: MIT
# Doxygen leaves out a struct that is only declared: an opaque one that has a comment becomes an
# empty one, for the reference alone.
/^ \*\/$\|^\/\*\*.*\*\/$/ {
	n
	s/^struct \(admwh_[a-z_]*\);$/struct \1 {};/
}
