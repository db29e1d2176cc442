// SPDX-License-Identifier: MIT
/**
 * A PC in the page: v86 with the direct loader, the kernel and the initramfs in its memory.
 *
 *     v86's Multiboot ──> image/direct ──> the kernel          as QEMU starts it with FW=direct
 *
 * v86 is used as it is released. What it does not offer is done from outside: its WebAssembly
 * module gets our clock and our random numbers, and calls us at each HLT (hooks.js).
 *
 *  (1) The machine is deterministic: the same options, hooks and input give the same run, to the
 *      instruction. Input and pauses take effect when a turn of the emulator's loop begins, and
 *      turns are counted: so they can be repeated.
 */
import { Clock } from './clock.js';
import { Hooks } from './hooks.js';
import { addLoopback } from './loopback.js';
import { Processor } from './processor.js';
import { copyMemory, copyObjects, restoreMemory, restoreObjects } from './snapshot.js';

const MULTIBOOT_INFO = 0x7c00; // v86 puts it there
const INFO_MODULE_COUNT = 20, INFO_MODULES = 24; // Multiboot Specification 0.6.96, 3.3
const MODULE_TABLE = 0x7b00;
const PAGE = 4096;
const PAGE_OFFSET = 0xc0000000;
const DATE = Date.UTC(2026, 0, 1); // of each machine's start: a run that is repeated later reads the same date

/** v86 binds performance.now when it is loaded: then the clock stands in its place. */
async function loadV86() {
	const own = Object.getOwnPropertyDescriptor(performance, 'now');
	performance.now = () => clock.now();
	try {
		return (await import('v86')).V86;
	} finally {
		if (own)
			Object.defineProperty(performance, 'now', own);
		else
			delete performance.now;
	}
}

/** The kernel and the initramfs in one piece, each at a multiple of `unit`. */
function joinModules(kernel, initramfs, unit) {
	const start = Math.ceil(kernel.length / unit) * unit;
	const joined = new Uint8Array(start + initramfs.length);
	joined.set(kernel);
	joined.set(initramfs, start);
	return { joined, start };
}

/** There is one machine at a time. */
const clock = new Clock();
const v86Loaded = loadV86();

export class V86Machine {
	/**
	 * `files`: {wasm, loader, kernel, initramfs}, Uint8Arrays; `options`: the kernel's; `memory`: bytes;
	 * `patient`: wait while the processor waits, as for a person; `unit`: bytes up to which the kernel's file is
	 * filled up, so that the place of what follows does not depend on its size. Then start().
	 */
	constructor({ files, options, memory, patient = true, unit = PAGE }) {
		Object.assign(this, { files, options, size: memory, patient, unit, clock });
		this.turns = 0;
		this.ended = false; // halted for ever
		this.random = 1;
		this.onByte = () => {}; // (line, byte)
		this.onTurn = () => {}; // (turn)
	}

	/** `prepare()` is called when the guest's memory is there, before its first instruction. */
	async start(prepare = () => {}) {
		const V86 = await v86Loaded;
		const { joined, start } = joinModules(this.files.kernel, this.files.initramfs, this.unit);
		clock.reset();
		Date.now = () => DATE + clock.now(); // for v86's clock of the date
		this.emulator = new V86({
			wasm_fn: (imports) => this.instantiate(imports),
			memory_size: this.size,
			vga_memory_size: PAGE * 16,
			multiboot: { buffer: this.files.loader.slice().buffer },
			initrd: { buffer: joined.buffer },
			cmdline: `lab ${this.options}`,
			uart1: true,
			disable_jit: true,
			disable_keyboard: true,
			disable_mouse: true,
			disable_speaker: true,
			autostart: false,
		});
		for (const line of [0, 1])
			this.emulator.add_listener(`serial${line}-output-byte`, (byte) => this.onByte(line, byte));
		await new Promise((resolve) => this.emulator.add_listener('emulator-loaded', resolve));
		this.splitModules(this.files.kernel.length, start);
		prepare();
		await this.emulator.run();
	}

	/** v86 passes one module, the loader wants two: a table of ours takes the place of v86's. */
	splitModules(kernelBytes, second) {
		const { memory } = this.processor;
		const table = memory.u32(MULTIBOOT_INFO + INFO_MODULES);
		const start = memory.u32(table), end = memory.u32(table + 4);
		const words = [start, start + kernelBytes, 0, 0, start + second, end, 0, 0];
		memory.set32(MULTIBOOT_INFO + INFO_MODULE_COUNT, 2);
		memory.set32(MULTIBOOT_INFO + INFO_MODULES, MODULE_TABLE);
		words.forEach((word, i) => memory.set32(MODULE_TABLE + i * 4, word));
	}

	async instantiate(imports) {
		const { env } = imports;
		const timers = env.run_hardware_timers;
		this.lines = addLoopback(env);
		env.microtick = () => clock.now();
		env.get_rand_int = () => this.nextRandom();
		env.run_hardware_timers = (acpi) => this.timers(() => timers(acpi, clock.now()));
		env.cpu_event_halt = () => { this.ended = !this.hooks.halted(this.processor.eip()); };
		const { instance } = await WebAssembly.instantiate(this.files.wasm, imports);
		this.loop = instance.exports.main_loop;
		const allocate = (bytes) => {
			const base = instance.exports.allocate_memory(bytes);
			this.processor = new Processor(instance.exports.memory, base, bytes);
			this.hooks = new Hooks(this.processor, (address) => address - PAGE_OFFSET);
			clock.attach(() => this.processor.count());
			return base;
		};
		return { ...instance.exports, allocate_memory: allocate };
	}

	/** v86 calls it at an HLT with interrupts on, and in each turn of its loop. Returns ms to wait. */
	timers(run) {
		if (this.processor.isHalted() && (this.paused || this.hooks.halted(this.processor.eip())))
			return 0;
		this.turns++;
		this.onTurn(this.turns);
		if (this.paused)
			return 0;
		const wait = run();
		if (this.processor.isHalted())
			clock.halted(wait);
		return this.patient ? wait : 0;
	}

	nextRandom() {
		this.random = Math.imul(this.random, 1664525) + 1013904223 | 0; // Knuth vol. 2, 3.3.4
		return this.random;
	}

	/** Sends bytes to a serial line; (1): from onTurn(). */
	send(line, bytes) {
		this.emulator.serial_send_bytes(line, bytes);
	}

	get paused() {
		return this.processor.paused !== null;
	}

	/** Stops before the next instruction. From a hook or, (1), from onTurn(). */
	pause() {
		if (!this.paused)
			this.processor.pause();
	}

	resume() {
		if (!this.paused)
			return;
		if (this.processor.unpause())
			this.hooks.goOn();
		this.emulator.run(); // at once: the emulator looks seldom at a halted processor
	}

	/** All of the machine, which is paused, and not within a hook. `before`: an earlier copy, or null. */
	save(before) {
		const { heap } = this.processor;
		const { turns, ended, random } = this;
		const { cpu } = this.emulator.v86;
		return {
			...copyMemory(heap, before?.blocks ?? []),
			devices: copyObjects([...Object.values(cpu.devices), this.lines], [cpu, cpu.io, cpu.bus, this.emulator], heap),
			clock: clock.save(), hooks: this.hooks.save(), paused: { ...this.processor.paused }, own: { turns, ended, random },
		};
	}

	/** Takes this machine back to a copy of it. It is paused. */
	restore({ blocks, devices, clock: time, hooks, paused, own }) {
		restoreMemory(this.processor.heap, blocks);
		restoreObjects(devices);
		clock.restore(time);
		this.hooks.restore(hooks);
		this.processor.paused = { ...paused };
		Object.assign(this, own);
	}

	async destroy() {
		await this.emulator.destroy();
	}
}
