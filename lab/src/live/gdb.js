// SPDX-License-Identifier: MIT
/**
 * QEMU's gdb stub, over a websocket: QEMU's character devices speak it themselves.
 *
 * Source: Debugging with GDB, appendix E (remote serial protocol); QEMU's documentation, "GDB
 * usage" (Qqemu.PhyMemMode: addresses are physical).
 */
const ORDER = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi', 'eip']; // qemu-system-i386
const CHUNK = 0x700; // bytes of one read: a packet of QEMU has at most 4096 characters

const hex = (number) => (number >>> 0).toString(16);
const sum = (text) => [...text].reduce((total, letter) => total + letter.charCodeAt(0) & 0xff, 0);

export class Gdb {
	/** `address`: ws://...; QEMU wants the protocol `binary`. */
	static async open(address) {
		const socket = new WebSocket(address, ['binary']);
		socket.binaryType = 'arraybuffer';
		await new Promise((resolve, reject) => {
			socket.onopen = resolve;
			socket.onerror = () => reject(new Error(`no machine answers at ${address}: \`make run LAB=1\` starts one`));
		});
		const gdb = new Gdb(socket);
		await gdb.ask('Qqemu.PhyMemMode:1');
		return gdb;
	}

	constructor(socket) {
		this.socket = socket;
		this.waiting = []; // for answers, in order
		this.text = '';
		this.runs = false; // until the answer to `c`
		this.onClose = () => {};
		socket.onmessage = ({ data }) => this.take(new TextDecoder('latin1').decode(data));
		socket.onclose = () => this.close();
	}

	/** The machine has ended: there are no more answers. */
	close() {
		this.onClose();
		this.waiting.forEach(({ reject }) => reject(new Error('the machine has ended')));
		this.waiting = [];
	}

	/** QEMU takes binary frames only. */
	send(text) {
		this.socket.send(new TextEncoder().encode(text));
	}

	/** Sends a packet; the answer is the next one that comes. */
	ask(packet) {
		this.send(`$${packet}#${hex(sum(packet)).padStart(2, '0')}`);
		return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
	}

	take(text) {
		this.text += text;
		for (;;) {
			const found = /\$([^#]*)#../.exec(this.text);
			if (!found)
				return;
			this.text = this.text.slice(found.index + found[0].length);
			this.send('+'); // received
			this.waiting.shift()?.resolve(found[1]);
		}
	}

	/** Bytes of physical memory. */
	async read(address, length) {
		const parts = [];
		for (let at = 0; at < length; at += CHUNK)
			parts.push(this.ask(`m${hex(address + at)},${hex(Math.min(CHUNK, length - at))}`));
		const digits = (await Promise.all(parts)).map((part) => part.startsWith('E') ? '' : part).join('');
		return Uint8Array.from({ length }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16) || 0);
	}

	async registers() {
		const digits = await this.ask('g');
		const word = (i) => parseInt(digits.slice(8 * i, 8 * i + 8).match(/../g).reverse().join(''), 16);
		return Object.fromEntries(ORDER.map((name, i) => [name, word(i)]));
	}

	/** Runs; resolves when the machine stops again, by a breakpoint or stop(). */
	async run() {
		this.runs = true;
		await this.ask('c').finally(() => { this.runs = false; });
	}

	/** Interrupts run(), if it has begun. */
	stop() {
		if (this.runs)
			this.send('\x03');
	}

	setBreakpoint(address) {
		return this.ask(`Z1,${hex(address)},1`);
	}

	clearBreakpoint(address) {
		return this.ask(`z1,${hex(address)},1`);
	}
}
