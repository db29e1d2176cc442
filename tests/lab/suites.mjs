// SPDX-License-Identifier: MIT
/**
 * All suites and programs of the page's initramfs in v86, in Node: `make lab-test`, some minutes.
 *
 * What v86 does wrong is declared with its reason, and must still fail; the rest must pass, as in
 * QEMU. At each census and at the end of each process the panels' figures are compared with the
 * kernel's own.
 *
 *     node suites.mjs LAB [OPTIONS]       OPTIONS: one boot; status 0 if all passes
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { compareFigures } from './figures.mjs';
import { built, done, result, run } from './tap.mjs';

const SECONDS = 600; // for a boot
const EXCEPTION_SECONDS = 60; // for one of the exceptions
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

/** One boot: {found: [ok or not ok, name] of each result at the outermost level, log, verdict, last, wrong}. */
async function boot(options) {
	const found = [], wrong = [];
	let last = 'the start', compared = 0;
	const { log, verdict } = await run({
		options, memory: 128, seconds: SECONDS,
		watch(lab) {
			lab.recorder.stop();
			compareFigures(lab, (text) => { wrong.push(`${last}: ${text}`); }, () => { compared++; });
		},
		onLine(text) {
			last = /# Subtest: (\S+)/.exec(text)?.[1] ?? last;
			const line = /^(ok|not ok) \d+ (.*)/.exec(text);
			if (line)
				found.push(line.slice(1));
		},
	});
	return { found, log, verdict, last, wrong, compared };
}

async function judge(options) {
	const { found, log, verdict, last, wrong, compared } = await boot(options);
	for (const [ok, name] of found)
		result(ok === 'ok', name, log.filter((text) => /not ok|^ *# tests\//.test(text)).join('\n'));
	result(verdict.startsWith('verdict:'), `a verdict comes after ${last}`, log.slice(-30).join('\n'));
	result(!wrong.length && compared >= found.length, `the panels have the kernel's figures, ${compared} times`, wrong.slice(0, 20).join('\n'));
}

/** In a process of its own: one that v86 is not exact enough for may end the emulator, or never end. */
function judgeException(options, name, reason) {
	const { status } = spawnSync(process.execPath, [process.argv[1], built, options], { timeout: EXCEPTION_SECONDS * 1000 });
	result(status !== 0, `left out, because it still fails: ${name}: ${reason}`);
}

if (process.argv[3]) {
	const { found, verdict } = await boot(process.argv[3]);
	process.exit(found.length && found.every(([ok]) => ok === 'ok') && verdict.startsWith('verdict: result=pass') ? 0 : 1);
}
process.on('uncaughtException', (error) => {
	result(false, 'the emulator goes on', error.stack);
	done();
});
for (const names of values(suites(), SUITES))
	await judge(`suites=${names} programs=none`);
for (const names of values(fs.readdirSync(path.join(built, 'initramfs/tests')), PROGRAMS))
	await judge(`suites=none programs=${names}`);
for (const [name, reason] of Object.entries(SUITES))
	judgeException(`suites=${name} programs=none`, name, reason);
for (const [name, reason] of Object.entries(PROGRAMS))
	judgeException(`suites=none programs=${name}`, name, reason);
done();
