// SPDX-License-Identifier: MIT
/** TAP, and the laboratory as it was built: `node FILE LAB`, where LAB is build/lab. */
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

export const built = path.resolve(process.argv[2]);
let count = 0, failed = 0;

/** One case; `notes` are shown if it fails. */
export function result(good, name, notes = '') {
	count++;
	failed += !good;
	console.log(`${good ? 'ok' : 'not ok'} ${count} - ${name.replaceAll('#', '\\#')}`);
	if (!good)
		for (const line of String(typeof notes === 'string' ? notes : JSON.stringify(notes, null, 1)).split('\n'))
			console.log(`# ${line}`);
	return good;
}

export function equal(found, wanted, name) {
	const [a, b] = [found, wanted].map((value) => JSON.stringify(value));
	return result(a === b, name, `found ${a}\nwanted ${b}`);
}

/** Writes the plan and ends the script. */
export function done() {
	console.log(`1..${count}`);
	process.exit(failed ? 1 : 0);
}

const read = (name) => new Uint8Array(fs.readFileSync(path.join(built, name)));
const unpacked = (name) => new Uint8Array(gunzipSync(read(`machine/${name}.gz`)));
const json = (name) => JSON.parse(fs.readFileSync(path.join(built, 'machine', name)));

export const files = {
	wasm: read('page/node_modules/v86/build/v86.wasm'),
	loader: unpacked('direct.elf'),
	kernel: unpacked('kernel.elf'),
	initramfs: unpacked('initramfs.cpio'),
	description: json('kernel.json'),
	source: json('source.json'),
};

const { Laboratory } = await import(path.join(built, 'page/src/lab.js'));

/**
 * A laboratory that runs to its verdict as fast as it can. `watch(lab)` is called before its first
 * instruction, `onLine(text, lab)` at each line of the log, before the guest goes on. Returns
 * {lab, log, verdict}; without a verdict within `seconds` it is ''.
 */
export async function run({ options, memory = 64, seconds = 60, watch = () => {}, onLine = () => {}, changed = {} }) {
	const lab = new Laboratory({ files: { ...files, ...changed }, options, memory: memory << 20, patient: false });
	const log = [];
	const verdict = await new Promise((resolve, reject) => {
		const limit = setTimeout(() => resolve(''), seconds * 1000);
		lab.onLine = (text) => {
			try {
				log.push(text);
				onLine(text, lab);
			} catch (error) {
				reject(error);
			}
			if (!/^(verdict:|Kernel panic)/.test(text))
				return;
			clearTimeout(limit);
			setTimeout(() => resolve(text), 0);
		};
		lab.watch = watch;
		lab.start().catch(reject);
	});
	await lab.end();
	return { lab, log, verdict };
}
