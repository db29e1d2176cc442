#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# make-initramfs.sh OUTPUT PROGRAM... -- PROGRAM... -- PROGRAM...: put the ring-3 programs,
# stripped, into a cpio archive: as /tests/NAME, then as /bench/NAME, then as /bin/NAME.
#
# Format "crc" (magic 070702): each file has the sum of its bytes, which the kernel checks, and
# begins at a page of the archive (tools/modules/cpio.py). The bytes of the archive depend only on the
# programs: fixed owner, times, modes, order and inode numbers.
set -euo pipefail

output=$1
shift
stage=${output%.cpio}
rm -rf "$stage"
mkdir -p "$stage/tests" "$stage/bench" "$stage/bin"
directory=tests
for program in "$@"; do
	if [ "$program" = -- ]; then
		[ "$directory" = tests ] && directory=bench || directory=bin
		continue
	fi
	${STRIP:-strip} -o "$stage/$directory/${program##*/}" "$program"
done
chmod -R u=rwX,go=rX "$stage"
"$(dirname "$0")/../tools/modules/cpio.py" "$stage" "${SOURCE_DATE_EPOCH:-1577836800}" >"$output.tmp"
mv "$output.tmp" "$output"
