/* SPDX-License-Identifier: MIT */
/* The glyphs of the screen. At build time tools/make-font makes them from a package's font. */
	.section .rodata, "a", @progbits
	.globl font_glyphs
	.type font_glyphs, @object
font_glyphs:
	.incbin FONT_FILE
	.size font_glyphs, . - font_glyphs

	.section .note.GNU-stack, "", @progbits
