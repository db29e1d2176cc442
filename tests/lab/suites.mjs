// SPDX-License-Identifier: MIT
/**
 * All suites and programs of the page's initramfs in v86, in Node: `make lab-test`, some minutes.
 *
 * What v86 does wrong is declared with its reason and left out; the rest must pass, as in QEMU.
 */
import fs from 'node:fs';
import path from 'node:path';
import { built, done, result, run } from './tap.mjs';

const SECONDS = 600; // for a boot
const OPTION_MAX = 127; // kernel/start/options.h

/** Suites and programs that v86 is not exact enough for. */
const SUITES = {
	access: 'reserved bits of 4 MiB entries are ignored',
};
const PROGRAMS = {
	faults: 'EFLAGS.TF is ignored',
	fpu_signals: 'unmasked x87 and SSE exceptions do not arise',
	signal_faults: 'unmasked x87 and SSE exceptions do not arise, and EFLAGS.TF is ignored',
	hostile: 'iret with a bad CS ends the emulator',
	signal_frames: 'iret with a bad CS ends the emulator',
};

/** The names of the suites: TEST_SUITE(name, ...) in tests/kernel. */
function suites() {
	return fs.readdirSync('tests/kernel').filter((file) => file.endsWith('.c')).flatMap((file) =>
		[...fs.readFileSync(path.join('tests/kernel', file), 'utf8').matchAll(/^TEST_SUITE\((\w+),/gm)].map(([, name]) => name));
}

/** The names that are not left out, joined to values of an option, which has at most so many characters. */
function values(names, exceptions) {
	const made = [''];
	for (const name of names.filter((other) => !(other in exceptions))) {
		if (made[made.length - 1].length + 1 + name.length > OPTION_MAX)
			made.push('');
		made[made.length - 1] += (made[made.length - 1] && ',') + name;
	}
	return made;
}

/** One boot; a case for each result at the outermost level. */
async function judge(options) {
	const found = [];
	let last = 'the start';
	const { log, verdict } = await run({
		options, memory: 128, seconds: SECONDS,
		watch: (lab) => lab.recorder.stop(),
		onLine(text) {
			last = /# Subtest: (\S+)/.exec(text)?.[1] ?? last;
			const line = /^(ok|not ok) \d+ (.*)/.exec(text);
			if (line)
				found.push(line);
		},
	});
	for (const [, ok, name] of found)
		result(ok === 'ok', name, log.filter((text) => /not ok|^ *# tests\//.test(text)).join('\n'));
	result(verdict.startsWith('verdict:'), `a verdict comes after ${last}`, log.slice(-30).join('\n'));
}

process.on('uncaughtException', (error) => {
	result(false, 'the emulator goes on', error.stack);
	done();
});
for (const names of values(suites(), SUITES))
	await judge(`suites=${names} programs=none`);
for (const names of values(fs.readdirSync(path.join(built, 'initramfs/tests')), PROGRAMS))
	await judge(`suites=none programs=${names}`);
for (const [name, reason] of [...Object.entries(SUITES), ...Object.entries(PROGRAMS)])
	console.log(`# left out: ${name}: ${reason}`);
done();
