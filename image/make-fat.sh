#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# make-fat.sh OUTPUT BOOTX64.EFI BOOTIA32.EFI pagewright.txt: make the boot volume, without root.
#
#   /EFI/BOOT/BOOTX64.EFI    what 64-bit firmware starts
#   /EFI/BOOT/BOOTIA32.EFI   what 32-bit firmware starts
#   /pagewright.txt          options, for the user to edit
#
# One FAT16 volume from the first sector on, no partition table: UEFI offers such a stick ("super-floppy") for
# booting, and it can be written to one with dd. Fixed serial number and times: same input, same bytes.
set -euo pipefail

output=$1 x64=$2 ia32=$3 options=$4
megabytes=32
serial=50575254
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1577836800} TZ=UTC

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp "$x64" "$stage/BOOTX64.EFI"
cp "$ia32" "$stage/BOOTIA32.EFI"
# CRLF, for the editors of the machines that a stick passes through.
sed 's/$/\r/' "$options" >"$stage/pagewright.txt"
touch -d "@$SOURCE_DATE_EPOCH" "$stage"/*

rm -f "$output.tmp"
truncate -s "${megabytes}M" "$output.tmp"
mformat -i "$output.tmp" -T $((megabytes * 2048)) -h 64 -s 32 -c 4 -N "$serial" -v PAGEWRIGHT ::
mmd -i "$output.tmp" ::/EFI ::/EFI/BOOT
mcopy -m -i "$output.tmp" "$stage/BOOTX64.EFI" "$stage/BOOTIA32.EFI" ::/EFI/BOOT/ ||
	{ echo "make-fat.sh: do the files fit into $megabytes MiB?" >&2; exit 1; }
mcopy -m -i "$output.tmp" "$stage/pagewright.txt" ::/
mv "$output.tmp" "$output"
