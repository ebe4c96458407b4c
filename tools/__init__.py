"""Commands for those who maintain portcheck; none of it is part of the package that users install."""
