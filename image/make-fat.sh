#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# make-fat.sh OUTPUT KIND BIOS.BIN BOOTX64.EFI BOOTIA32.EFI pagewright.txt [FILE=NAME...]: make a
# boot volume, without root.
#   /EFI/BOOT/BOOTX64.EFI         the loader for 64-bit firmware
#   /EFI/BOOT/BOOTIA32.EFI        the loader for 32-bit firmware
#   /pagewright/pagewright.txt    options, for the user to edit
#   boot sector                   BIOS.BIN, the code for a BIOS
#   /NAME                         each further FILE
#
# KIND:
#   floppy   32 MiB, FAT16: a stick without a partition table ("super-floppy")
#   4k       64 MiB, FAT16 with sectors of 4096 bytes: the same for a stick with such sectors
#   gpt      62 MiB, FAT32: the partition of the GPT image; all firmware reads FAT32 in a partition
#   iso      16 MiB, FAT16: the partition of the ISO image. El Torito has 16 bits for its number of
#            sectors, and xorriso writes 0 for more
#
# Fixed serial number and times: same input, same bytes.
set -euo pipefail

output=$1 kind=$2 bios=$3 x64=$4 ia32=$5 options=$6
shift 6
serial=50575254
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1577836800} TZ=UTC

# Size, first sector of the partition, bytes of a sector, and mformat's arguments for FAT type and
# cluster size.
sector=512
case $kind in
floppy) megabytes=32 first=0 format=(-c 4) ;;
4k) megabytes=64 first=0 sector=4096 format=(-S 5 -c 1) ;;
gpt) megabytes=62 first=2048 format=(-F -c 1) ;;
iso) megabytes=16 first=0 format=(-c 4) ;;
*) echo "make-fat.sh: $kind: unknown kind" >&2 && exit 2 ;;
esac

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp "$x64" "$stage/BOOTX64.EFI"
cp "$ia32" "$stage/BOOTIA32.EFI"
# CRLF, for the editors of other systems.
sed 's/$/\r/' "$options" >"$stage/pagewright.txt"
mkdir "$stage/more"
for pair in "$@"; do
	cp "${pair%=*}" "$stage/more/${pair##*=}"
done
find "$stage" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +

rm -f "$output.tmp"
truncate -s "${megabytes}M" "$output.tmp"
mformat -i "$output.tmp" -T $((megabytes * 1048576 / sector)) -h 64 -s 32 -H "$first" "${format[@]}" -N "$serial" -v PAGEWRIGHT ::
mmd -i "$output.tmp" ::/EFI ::/EFI/BOOT ::/pagewright
mcopy -m -i "$output.tmp" "$stage/BOOTX64.EFI" "$stage/BOOTIA32.EFI" ::/EFI/BOOT/ ||
	{ echo "make-fat.sh: do the files fit into $megabytes MiB?" >&2; exit 1; }
mcopy -m -i "$output.tmp" "$stage/pagewright.txt" ::/pagewright/
for pair in "$@"; do
	mcopy -m -i "$output.tmp" "$stage/more/${pair##*=}" ::/
done
# The target of the jump at the start; FAT32 has a copy of the sector in sector 6.
code=$((2 + $(od -An -tu1 -j1 -N1 "$output.tmp")))
places=$code
[ "$kind" != gpt ] || places="$code $((6 * 512 + code))"
for place in $places; do
	dd if="$bios" of="$output.tmp" bs=1 seek="$place" conv=notrunc status=none
done
mv "$output.tmp" "$output"
