#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The short form of the boot matrix: the cells of the highest risk. `make matrix` boots all of them."""
import os
import sys

MATRIX = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/matrix")

os.execv(MATRIX, ["matrix", "--short"])
