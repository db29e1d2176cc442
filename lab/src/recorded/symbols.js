// SPDX-License-Identifier: MIT
/**
 * The names of functions in a stream, which has addresses. Only the kernel that wrote it can tell
 * them, and a stream does not say which one that was. So the page's own kernel is asked only if all
 * return addresses of the trace lie behind a call in it.
 *
 * Source: Executable and Linking Format (TIS 1.2), program headers; Intel SDM vol. 2, CALL.
 */
import { Kernel } from '../kernel/layout.js';

const HEADERS = 28, HEADER_SIZE = 42, HEADER_COUNT = 44; // offsets in the ELF header
const PT_LOAD = 1;
const CALL_RELATIVE = 0xe8, CALL_INDIRECT = 0xff;
const INDIRECT_BYTES = [2, 3, 6, 7]; // of a call through a register or memory

/** A function from addresses to names such as "do_wp_page+0x42", or null: it was another kernel. */
export function namesOfCode(trace, description, elf) {
	const kernel = new Kernel(description, null);
	const read = reader(elf);
	const own = (address) => address - trace.textStart + description.text;
	const sites = new Set();
	for (let i = 0; i < trace.length; i++) {
		const { call_site: site } = trace.event(i).fields;
		if (typeof site === 'number' && site)
			sites.add(site);
	}
	if (!sites.size || ![...sites].every((site) => isBehindCall(read, own(site))))
		return null;
	return (address) => {
		const found = kernel.symbol(own(address));
		return found ? `${found.name}+0x${found.offset.toString(16)}` : address;
	};
}

function isBehindCall(read, address) {
	return read(address - 5) === CALL_RELATIVE
		|| INDIRECT_BYTES.some((length) => read(address - length) === CALL_INDIRECT && (read(address - length + 1) >> 3 & 7) === 2);
}

/** A function that returns the byte at an address of the program, or undefined. */
function reader(elf) {
	const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
	const word = (at) => view.getUint32(at, true);
	const segments = Array.from({ length: view.getUint16(HEADER_COUNT, true) }, (_, i) => word(HEADERS) + i * view.getUint16(HEADER_SIZE, true))
		.filter((at) => word(at) === PT_LOAD).map((at) => ({ offset: word(at + 4), start: word(at + 8), size: word(at + 16) }));
	return (address) => {
		const found = segments.find(({ start, size }) => address >= start && address < start + size);
		return found && elf[found.offset + address - found.start];
	};
}
