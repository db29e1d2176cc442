// SPDX-License-Identifier: MIT
/** What tools/blame asks of a script of this folder: a JSON file, its argument. */
import fs from 'node:fs';

const FAILURE = /^\s*not ok|^\s*# \S+:\d+: |census=violated|^verdict: result=fail/;

/** Does a line of the log say that the run fails? */
export const isFailure = (line) => FAILURE.test(line);

export const readRequest = () => JSON.parse(fs.readFileSync(process.argv[2]));

/** The settings of a Run (machine.js). */
export function settingsOf({ wasm, loader, kernel, initramfs, options, memory, about, limit, pace, slow }) {
	const read = (name) => new Uint8Array(fs.readFileSync(name));
	return {
		files: { wasm: read(wasm), loader: read(loader), kernel: read(kernel), initramfs: read(initramfs) },
		options, memory: memory << 20, about, limit, pace, slow,
	};
}
