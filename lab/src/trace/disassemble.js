// SPDX-License-Identifier: MIT
/**
 * The instruction that faulted, as text: the common ones that access memory, of 32-bit code.
 *
 * Others are shown as bytes. Source: Intel SDM vol. 2, chapter 2 (formats) and appendix A (the
 * opcode map).
 */
const REGISTERS = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'];
const BYTES = ['al', 'cl', 'dl', 'bl', 'ah', 'ch', 'dh', 'bh'];
const WORDS = ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di'];
const ARITHMETIC = ['add', 'or', 'adc', 'sbb', 'and', 'sub', 'xor', 'cmp'];
const STRINGS = { 0xa4: 'movs', 0xa6: 'cmps', 0xaa: 'stos', 0xac: 'lods', 0xae: 'scas' };
const SIZES = { 1: 'b', 2: 'w', 4: 'l' };

const number = (value) => value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;

/** A constant as an operand of `size` bytes. */
function immediate(value, size) {
	return `$0x${(size === 4 ? value >>> 0 : value & (1 << 8 * size) - 1).toString(16)}`;
}

class Reader {
	constructor(code) {
		this.code = code;
		this.at = 0;
	}

	u8() {
		if (this.at >= this.code.length)
			throw new RangeError('the instruction is not in memory as a whole');
		return this.code[this.at++];
	}

	signed(size) {
		let value = 0;
		for (let i = 0; i < size; i++)
			value |= this.u8() << 8 * i;
		return value << 32 - 8 * size >> 32 - 8 * size;
	}

	/** ModRM, SIB and displacement: {reg, text}, the operand with a register's name for `size` bytes. */
	operand(size) {
		const modrm = this.u8();
		const mode = modrm >> 6, reg = modrm >> 3 & 7;
		let rm = modrm & 7;
		if (mode === 3)
			return { reg, text: register(rm, size) };
		let index = '';
		let base = REGISTERS[rm];
		if (rm === 4) {
			const sib = this.u8();
			rm = sib & 7;
			base = REGISTERS[rm];
			if ((sib >> 3 & 7) !== 4)
				index = `,%${REGISTERS[sib >> 3 & 7]},${1 << (sib >> 6)}`;
		}
		const absolute = rm === 5 && mode === 0;
		const distance = absolute || mode === 2 ? this.signed(4) : mode === 1 ? this.signed(1) : 0;
		if (absolute && !index)
			return { reg, text: number(distance >>> 0) };
		return { reg, text: `${distance ? number(distance) : ''}(${absolute ? '' : `%${base}`}${index})` };
	}
}

function register(reg, size) {
	return `%${(size === 1 ? BYTES : size === 2 ? WORDS : REGISTERS)[reg]}`;
}

/** Opcodes after 0x0f. */
function extended(reader, size) {
	const opcode = reader.u8();
	const from = { 0xb6: ['movzb', 1], 0xb7: ['movzw', 2], 0xbe: ['movsb', 1], 0xbf: ['movsw', 2] }[opcode];
	if (from) {
		const { reg, text } = reader.operand(from[1]);
		return `${from[0]}${SIZES[size]} ${text},${register(reg, size)}`;
	}
	if (opcode === 0xc1 || opcode === 0xc0 || opcode === 0xb1 || opcode === 0xb0) {
		const width = opcode & 1 ? size : 1;
		const { reg, text } = reader.operand(width);
		return `${opcode < 0xc0 ? 'cmpxchg' : 'xadd'}${SIZES[width]} ${register(reg, width)},${text}`;
	}
	return null;
}

/** Opcodes with an operand in memory and a register, or a constant. */
function plain(reader, opcode, size) {
	const width = opcode & 1 ? size : 1;
	const suffix = SIZES[width];
	if (opcode < 0x40 && (opcode & 7) < 4) { // add .. cmp
		const { reg, text } = reader.operand(width);
		return `${ARITHMETIC[opcode >> 3]}${suffix} ${opcode & 2 ? `${text},${register(reg, width)}` : `${register(reg, width)},${text}`}`;
	}
	switch (opcode) {
	case 0x88: case 0x89: case 0x8a: case 0x8b: case 0x84: case 0x85: case 0x86: case 0x87: {
		const { reg, text } = reader.operand(width);
		const name = opcode < 0x86 ? 'test' : opcode < 0x88 ? 'xchg' : 'mov';
		return `${name}${suffix} ${opcode === 0x8a || opcode === 0x8b ? `${text},${register(reg, width)}` : `${register(reg, width)},${text}`}`;
	}
	case 0xc6: case 0xc7: {
		const { text } = reader.operand(width);
		return `mov${suffix} ${immediate(reader.signed(width), width)},${text}`;
	}
	case 0x80: case 0x81: case 0x83: {
		const { reg, text } = reader.operand(width);
		return `${ARITHMETIC[reg]}${suffix} ${immediate(reader.signed(opcode === 0x81 ? width : 1), width)},${text}`;
	}
	case 0xa0: case 0xa1: return `mov${suffix} ${number(reader.signed(4) >>> 0)},${register(0, width)}`;
	case 0xa2: case 0xa3: return `mov${suffix} ${register(0, width)},${number(reader.signed(4) >>> 0)}`;
	case 0xfe: case 0xff: {
		const { reg, text } = reader.operand(width);
		const name = ['inc', 'dec', 'call', 'lcall', 'jmp', 'ljmp', 'push'][reg];
		return reg < 2 || reg === 6 ? `${name}${suffix} ${text}` : `${name} *${text}`;
	}
	case 0xe8: return 'call';
	case 0x68: return `push ${immediate(reader.signed(4), 4)}`;
	case 0x6a: return `push ${immediate(reader.signed(1), 4)}`;
	case 0xc3: return 'ret';
	case 0xc9: return 'leave';
	}
	if (opcode >= 0x50 && opcode < 0x60)
		return `${opcode < 0x58 ? 'push' : 'pop'} ${register(opcode & 7, 4)}`;
	const string = STRINGS[opcode & 0xfe];
	return string ? string + suffix : null;
}

const withPrefix = (prefix, text) => text === null ? '' : prefix + text;

/** The first instruction of these bytes in the syntax of the GNU assembler; '' if it is not known here. */
export function disassemble(code) {
	const reader = new Reader(code);
	let prefix = '', size = 4;
	try {
		for (;;) {
			const opcode = reader.u8();
			if (opcode === 0x66)
				size = 2;
			else if (opcode === 0xf3 || opcode === 0xf2 || opcode === 0xf0)
				prefix = opcode === 0xf3 ? 'rep ' : opcode === 0xf2 ? 'repne ' : 'lock ';
			else if (opcode === 0x65 || opcode === 0x64)
				prefix += opcode === 0x65 ? '%gs: ' : '%fs: ';
			else
				return withPrefix(prefix, opcode === 0x0f ? extended(reader, size) : plain(reader, opcode, size));
		}
	} catch (error) {
		if (error instanceof RangeError)
			return '';
		throw error;
	}
}
