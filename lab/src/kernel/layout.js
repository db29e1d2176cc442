// SPDX-License-Identifier: MIT
/**
 * The kernel's structures as JavaScript objects, by the debug information of kernel.json.
 *
 *     kernel.variable('zones')[0].free_area[3].free_list
 *     for (const mm of kernel.list(kernel.variable('mm_list'), 'mm_struct', 'link')) ...
 *
 * A field is read when it is asked for, so an object is always as new as the memory. A pointer to
 * a structure is that structure, or null; another pointer is a number.
 */
import { KernelMemory } from './memory.js';

const LIST_LIMIT = 1000000;

export class Kernel {
	/** `description`: kernel.json; `physical`: u8() and u32() by physical address. */
	constructor(description, physical) {
		Object.assign(this, description);
		this.memory = new KernelMemory(physical, this.constants, this.variables);
		this.classes = {};
	}

	/** The kernel has a map of its memory, and its caches and lists. */
	isReady() {
		return Boolean(this.variable('max_low_pfn') && this.variable('current')?.address && this.variable('mm_list').next);
	}

	variable(name) {
		const [address, type] = this.variables[name];
		return this.read(type, address);
	}

	address(name) {
		return this.variables[name][0];
	}

	/** The structure of that name at an address. */
	at(name, address) {
		return new (this.class(name))(address >>> 0);
	}

	/** A value of a type of kernel.json. */
	read(type, address) {
		switch (type) {
		case 'u1': return this.memory.u8(address);
		case 'i1': return this.memory.u8(address) << 24 >> 24;
		case 'u2': return this.memory.u16(address);
		case 'u4': case '*': return this.memory.u32(address);
		case 'i4': return this.memory.u32(address) | 0;
		case 'u8': case 'i8': return this.memory.u32(address) + this.memory.u32(address + 4) * 0x100000000;
		}
		if (type[0] === '*') {
			const pointer = this.memory.u32(address);
			return pointer && this.structs[type.slice(1)] ? this.at(type.slice(1), pointer) : pointer || null;
		}
		const array = /^(\d+)\[(.*)\]$/.exec(type);
		return array ? this.array(Number(array[1]), array[2], address) : this.at(type, address);
	}

	array(count, type, address) {
		if (type === 'i1')
			return this.memory.text(address, count);
		const size = this.size(type);
		return Array.from({ length: count }, (_, i) => this.read(type, address + i * size));
	}

	size(type) {
		const number = /^[ui](\d)$/.exec(type);
		if (number)
			return Number(number[1]);
		return type[0] === '*' ? 4 : this.structs[type].size;
	}

	/** The offset of a field in its structure. */
	offset(name, field) {
		return this.structs[name].fields[field][0];
	}

	/** The objects on a list, by the field in which they are linked. */
	*list(head, name, field) {
		const offset = this.offset(name, field);
		let link = head.next;
		for (let i = 0; link && link.address !== head.address; i++) {
			if (i === LIST_LIMIT)
				throw new Error(`the list of ${name} at 0x${head.address.toString(16)} does not end`);
			yield this.at(name, link.address - offset);
			link = link.next;
		}
	}

	class(name) {
		return this.classes[name] ??= this.makeClass(name);
	}

	makeClass(name) {
		const kernel = this;
		const made = class {
			constructor(address) {
				this.address = address;
			}
		};
		for (const [field, [offset, type]] of Object.entries(this.structs[name].fields))
			Object.defineProperty(made.prototype, field, { get() { return kernel.read(type, this.address + offset); } });
		return made;
	}

	/** The function that contains an address: {name, offset}, or null. */
	symbol(address) {
		let low = 0, high = this.functions.length;
		while (low < high) {
			const middle = low + high >> 1;
			if (this.functions[middle][0] <= address)
				low = middle + 1;
			else
				high = middle;
		}
		if (!low || !this.isText(address))
			return null;
		const [start, name] = this.functions[low - 1];
		return { name, offset: address - start };
	}

	isText(address) {
		const last = this.functions[this.functions.length - 1][0];
		return address >= this.functions[0][0] && address < last + 4096;
	}

	/** [address, name, length of the first instruction] of a function. */
	function(name) {
		this.byName ??= new Map(this.functions.map((entry) => [entry[1], entry]));
		return this.byName.get(name);
	}

	/** The names of the bits that are set in `value`, of an enumeration of single bits. */
	flags(enumeration, value, prefix) {
		return Object.entries(this.enums[enumeration])
			.filter(([, bit]) => bit && !(bit & bit - 1) && value & bit)
			.map(([name]) => name.replace(prefix, ''));
	}

	/** The name of a value of an enumeration. */
	enumName(enumeration, value, prefix) {
		const found = Object.entries(this.enums[enumeration]).find(([, number]) => number === value);
		return found ? found[0].replace(prefix, '').toLowerCase() : String(value);
	}
}
