#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# make-iso.sh OUTPUT VOLUME BIOS.BIN BOOTX64.EFI BOOTIA32.EFI pagewright.txt [FILE=NAME...]: make
# an image for an optical disc or a stick.
#
#     ISO 9660    the same files as on VOLUME, for people, and for programs that unpack an ISO
#                 to a stick; firmware does not read them
#     BIOS.BIN    in the first sector and as El Torito's entry for a BIOS
#     VOLUME      appended; on a disc the EFI boot image (El Torito), on a stick a partition
#
# Fixed times and GUIDs: same input, same bytes.
set -euo pipefail

output=$1 volume=$2 bios=$3 x64=$4 ia32=$5 options=$6
shift 6
disk=5057474d-5047-4474-8000-506167650003
esp=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
epoch=${SOURCE_DATE_EPOCH:-1577836800}
date=$(date -u -d "@$epoch" +%Y%m%d%H%M%S00)

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/disc/EFI/BOOT" "$stage/disc/pagewright"
cp "$x64" "$stage/disc/EFI/BOOT/BOOTX64.EFI"
cp "$ia32" "$stage/disc/EFI/BOOT/BOOTIA32.EFI"
cp "$bios" "$stage/disc/pagewright/bios.bin"
sed 's/$/\r/' "$options" >"$stage/disc/pagewright/pagewright.txt"
for pair in "$@"; do
	cp "${pair%=*}" "$stage/disc/${pair##*=}"
done
chmod -R u=rwX,go=rX "$stage"
find "$stage" -exec touch -d "@$epoch" {} +

rm -f "$output.tmp"
SOURCE_DATE_EPOCH=$epoch xorriso -no_rc -as mkisofs -quiet -iso-level 3 -r -J -joliet-long -no-pad \
	-V PAGEWRIGHT -A PAGEWRIGHT --modification-date="$date" --gpt_disk_guid $disk -uid 0 -gid 0 \
	-partition_offset 16 -append_partition 2 $esp "$volume" -appended_part_as_gpt \
	-b pagewright/bios.bin -no-emul-boot -boot-load-size 4 -eltorito-alt-boot \
	-e --interval:appended_partition_2:all:: -no-emul-boot -o "$output.tmp" "$stage/disc" \
	2>"$stage/messages" || { cat "$stage/messages" >&2; exit 1; }
dd if="$bios" of="$output.tmp" conv=notrunc status=none
mv "$output.tmp" "$output"
