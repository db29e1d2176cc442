/* SPDX-License-Identifier: MIT */
/*
 * Code for a BIOS: prints one line, waits for a key, and starts the BIOS's next boot device.
 *
 * The same bytes are in the protective MBR, in the boot sectors of the FAT volumes (after their
 * parameters) and in the BIOS entry of the disc. So they run at any address: in real mode, at any
 * CS:IP, with any stack. Video service 0x0e of interrupt 0x10 is in every BIOS.
 */
	.code16
	.globl _start
_start:
	cld
	call 1f
1:	pop %si
	add $(message - 1b), %si
2:	cs lodsb
	test %al, %al
	jz 3f
	mov $0x0e, %ah
	mov $0x0007, %bx		/* page 0, light grey */
	push %si
	int $0x10
	pop %si
	jmp 2b
3:	xor %ah, %ah
	int $0x16			/* waits for a key */
	int $0x18			/* the next boot device */
4:	hlt
	jmp 4b
message:
	.asciz "Pagewright needs UEFI: choose the UEFI entry of this stick. A key goes on.\r\n"
