#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# make-fat.sh OUTPUT KIND BOOTX64.EFI BOOTIA32.EFI pagewright.txt [FILE=NAME...]: make a boot volume, without root.
#
#   /EFI/BOOT/BOOTX64.EFI         what 64-bit firmware starts
#   /EFI/BOOT/BOOTIA32.EFI        what 32-bit firmware starts
#   /pagewright/pagewright.txt    options, for the user to edit
#   /NAME                         what else is given
#
# KIND says what it is for:
#   floppy   32 MiB, FAT16: a stick without a partition table ("super-floppy")
#   gpt      62 MiB, FAT32: the partition of the GPT image; FAT32 is what every firmware reads in one
#   iso      16 MiB, FAT16: the partition of the ISO image. El Torito counts its sectors in 16 bits, and xorriso
#            writes 0 for more than that
#
# Fixed serial number and times: same input, same bytes.
set -euo pipefail

output=$1 kind=$2 x64=$3 ia32=$4 options=$5
shift 5
serial=50575254
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1577836800} TZ=UTC

# Size, first sector of the partition, and mformat's arguments for the kind of FAT and the sectors of a cluster.
case $kind in
floppy) megabytes=32 first=0 format=(-c 4) ;;
gpt) megabytes=62 first=2048 format=(-F -c 1) ;;
iso) megabytes=16 first=0 format=(-c 4) ;;
*) echo "make-fat.sh: $kind: unknown kind" >&2 && exit 2 ;;
esac

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp "$x64" "$stage/BOOTX64.EFI"
cp "$ia32" "$stage/BOOTIA32.EFI"
# CRLF, for the editors of the machines that a stick passes through.
sed 's/$/\r/' "$options" >"$stage/pagewright.txt"
mkdir "$stage/more"
for pair in "$@"; do
	cp "${pair%=*}" "$stage/more/${pair##*=}"
done
find "$stage" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +

rm -f "$output.tmp"
truncate -s "${megabytes}M" "$output.tmp"
mformat -i "$output.tmp" -T $((megabytes * 2048)) -h 64 -s 32 -H "$first" "${format[@]}" -N "$serial" -v PAGEWRIGHT ::
mmd -i "$output.tmp" ::/EFI ::/EFI/BOOT ::/pagewright
mcopy -m -i "$output.tmp" "$stage/BOOTX64.EFI" "$stage/BOOTIA32.EFI" ::/EFI/BOOT/ ||
	{ echo "make-fat.sh: do the files fit into $megabytes MiB?" >&2; exit 1; }
mcopy -m -i "$output.tmp" "$stage/pagewright.txt" ::/pagewright/
for pair in "$@"; do
	mcopy -m -i "$output.tmp" "$stage/more/${pair##*=}" ::/
done
mv "$output.tmp" "$output"
