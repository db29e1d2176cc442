// SPDX-License-Identifier: MIT
/** Records one run (recorder.js): `node record.js REQUEST`, a JSON file of tools/blame. */
import fs from 'node:fs';
import { Run } from './machine.js';
import { Recorder } from './recorder.js';
import { isFailure, readRequest, settingsOf } from './request.js';

const request = readRequest();
const settings = settingsOf({ ...request, about: { ...request.about, hooks: [] } });
const started = Number(process.hrtime.bigint()) / 1e9;
const { panic, panic_regs: regs } = request.about.functions;
let failed = null, verdict = '', begun = 0;
const run = new Run(settings, () => {}, (text, at) => {
	if (isFailure(text)) {
		failed ??= { at, text };
		run.stop();
	}
	if (text.startsWith('verdict:'))
		verdict = text;
	if (/^KTAP version/.test(text))
		begun ||= at;
	if (request.log)
		console.error(text);
});
const recorder = new Recorder(run, request.course, request.events, request.steps);
run.prepare = (hooks) => {
	recorder.plant(hooks);
	for (const address of [panic, regs])
		hooks.set(address, request.course.lengths[address], () => {
			failed ??= { at: run.at(), text: 'panic' };
			run.stop();
		});
};
await run.run();
if (!verdict)
	failed ??= { at: run.at(), text: 'no verdict' };
if (request.recording) {
	const file = fs.openSync(request.recording, 'w');
	for (const chunk of recorder.words())
		fs.writeSync(file, new Uint8Array(chunk.buffer));
	fs.closeSync(file);
}
fs.writeFileSync(request.answer, JSON.stringify({
	failed, verdict, begun, instructions: run.at(), events: recorder.events, path: recorder.steps?.path, seconds: Number(process.hrtime.bigint()) / 1e9 - started,
}));
process.exit(0);
