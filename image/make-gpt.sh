#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# make-gpt.sh OUTPUT VOLUME BIOS.BIN: make a disk image with a GUID partition table and a boot
# volume, without root or loop devices.
#
#     0           protective MBR, with BIOS.BIN in it, the code for a BIOS
#     1 .. 33     header and entries
#     1 MiB       VOLUME, as EFI system partition
#     + 1 MiB     backup entries and header, in the last 33 sectors
#
# On a larger stick the table stays valid: it has the address of its backup. But the backup is not
# at the end of the stick, as UEFI 2.10, 5.3.2 requires; partition editors offer to move it.
#
# Fixed GUIDs: same input, same bytes. Every copy of the image is the same disk to an operating
# system.
set -euo pipefail
# sgdisk is there, and not in every user's PATH.
PATH=$PATH:/usr/sbin:/sbin

output=$1 volume=$2 bios=$3
disk=5057474d-5047-4474-8000-506167650001
partition=5057474d-5047-4474-8000-506167650002
megabytes=$(($(stat -c %s "$volume") / 1048576))

rm -f "$output.tmp"
truncate -s $((megabytes + 2))M "$output.tmp"
sgdisk --clear --disk-guid=$disk --set-alignment=2048 --new=1:2048:$(((megabytes + 1) * 2048 - 1)) \
	--typecode=1:ef00 --partition-guid=1:$partition --change-name=1:PAGEWRIGHT "$output.tmp" >/dev/null
dd if="$volume" of="$output.tmp" bs=1M seek=1 conv=notrunc,sparse status=none
dd if="$bios" of="$output.tmp" conv=notrunc status=none
mv "$output.tmp" "$output"
