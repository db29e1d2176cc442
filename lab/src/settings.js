// SPDX-License-Identifier: MIT
/** What the address of the page sets, and the dialog that changes it. */
import { element } from './dom.js';
import { exercises } from './exercises.js';
import { momentHash, momentOf } from './moment.js';

const MiB = 1 << 20;
const PROMPT = 'suites=none programs=none run=/bin/shell terminal=ttyS1 env=PS1=#%20 env=PATH=/bin';

/** {options, memory (bytes), tab, task, first, moment, trace, qemu} of an address such as ?exercise=cow#moment. */
export function readSettings(location) {
	const words = new URLSearchParams(location.search);
	const exercise = exercises[words.get('exercise')];
	return {
		options: words.get('options') ?? exercise?.options ?? PROMPT,
		memory: Number(words.get('memory') ?? exercise?.memory ?? 64) * MiB,
		tab: words.get('tab') ?? exercise?.tab ?? 'lists',
		task: exercise ?? null,
		first: exercise?.first && { kind: exercise.first },
		moment: momentOf(location),
		trace: words.has('trace') ? { url: new URL(words.get('trace'), location.href).href } : null,
		qemu: words.get('qemu')?.split(',').map(Number) ?? null, // ports of a running QEMU: gdb stub, COM2
	};
}

/** The address of the page with other options. */
function address(words) {
	return `${location.pathname}?${new URLSearchParams(words)}`;
}

/** Opens the page at a moment that was saved in a file. */
export function goToMoment({ kernel, options, memory, moves }) {
	history.replaceState(null, '', `${address({ options, memory: memory / MiB })}${momentHash(kernel, moves)}`);
	location.reload(); // also where only the hash differs
}

/** Fills the dialog; its form starts the machine again. `onFile(file)`: a file was chosen; `onSave()`: one is wanted. */
export function fillSettings(dialog, settings, { onFile, onSave }) {
	const words = settings.options.split(/\s+/);
	const first = (name) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
	const named = ['suites', 'programs', 'slab_debug', 'fail_alloc'];
	const rest = words.filter((word) => !named.includes(word.split('=')[0])).join(' ');
	const field = (name, label, value, hint) => element('label', {}, label, element('input', { name, value }), element('small', {}, hint));
	const form = element('form', { method: 'dialog' },
		element('h2', {}, 'The machine'),
		field('memory', 'Memory, MiB', settings.memory / MiB, '20 to 512'),
		field('programs', 'Programs', first('programs'), 'cow,brk or * or none'),
		field('suites', 'Suites of the kernel', first('suites'), 'slab* or none'),
		field('slab_debug', 'slab_debug', first('slab_debug'), 'FZPU: checks of slab objects'),
		field('fail_alloc', 'fail_alloc', first('fail_alloc'), 'page,300,on: the 300th request for frames fails, and all after it'),
		field('rest', 'Other options', rest, 'page_owner=on records which function allocated a frame'),
		element('p', {}, element('button', { value: 'start' }, 'Start'), element('button', { value: 'no', formnovalidate: true }, 'Cancel'),
			element('a', { href: address({}) }, 'The prompt')),
		element('h2', {}, 'Files'),
		element('label', {}, 'Open', element('input', { type: 'file', onchange: ({ target }) => { dialog.close(); onFile(target.files[0]); } }),
			element('small', {}, 'a trace (build/trace/trace.raw, a log with TRACE=, /proc/trace), or a saved moment')),
		element('label', {}, 'Save', element('span', {}, element('button', { type: 'button', onclick: onSave }, 'This moment')), element('small', {}, 'its moves, as a small file')),
		element('h2', {}, 'Exercises'),
		element('ul', {}, Object.entries(exercises).map(([name, { title }]) => element('li', {}, element('a', { href: address({ exercise: name }) }, title)))));
	form.addEventListener('submit', (event) => {
		if (event.submitter?.value !== 'start')
			return;
		const values = new FormData(form);
		const options = [...named.map((name) => values.get(name) && `${name}=${values.get(name)}`), values.get('rest')].filter(Boolean).join(' ');
		location.assign(address({ options, memory: values.get('memory'), tab: settings.tab }));
	});
	dialog.replaceChildren(form);
}
