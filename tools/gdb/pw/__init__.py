# SPDX-License-Identifier: MIT
"""What tools/gdb/pagewright.py loads into gdb: a file for each part of the kernel."""
