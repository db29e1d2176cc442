// SPDX-License-Identifier: MIT
/**
 * All suites and programs of the page's initramfs in v86, in Node. What fails there and not in QEMU
 * is declared with its reason; the rest must pass.
 */
import fs from 'node:fs';
import path from 'node:path';
import { built, done, result, run } from './tap.mjs';

const SECONDS = 1500;

/** name of a suite or program: why v86 fails it */
const EXCEPTIONS = {
};

/** These end the emulator, and are left out. */
const ENDING = {
	signal_frames: 'iret with a bad CS is not implemented',
};

const programs = fs.readdirSync(path.join(built, 'initramfs/tests')).filter((name) => !(name in ENDING));
const found = new Map();
let last = '';
process.on('uncaughtException', (error) => {
	result(false, `the emulator ends in ${last}`, error.message);
	done();
});
const { log, verdict } = await run({
	options: process.argv[3] ?? `suites=* programs=${programs.join()}`, memory: 128, seconds: SECONDS,
	watch: (lab) => lab.recorder.stop(),
	onLine(text) {
		last = /# Subtest: (\S+)/.exec(text)?.[1] ?? last;
		const line = /^(ok|not ok) \d+ (?:ring3\/)?(\S+)(.*)/.exec(text);
		if (line)
			found.set(line[2], { ok: line[1] === 'ok', rest: line[3] });
	},
});
for (const [name, { ok, rest }] of found)
	result(ok || name in EXCEPTIONS, `${name}${rest}`, log.filter((text) => text.includes('not ok')).join('\n'));
result(verdict.startsWith('verdict:'), 'the run comes to its verdict', log.slice(-30).join('\n'));
done();
