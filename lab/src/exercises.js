// SPDX-License-Identifier: MIT
/**
 * Exercises: each is a link, `?exercise=NAME`, that sets options and a panel, and has a text.
 * `first` is the step that begins with the machine.
 */
export const exercises = {
	lazy: {
		title: 'Memory comes with the first touch',
		options: 'suites=none programs=demand', tab: 'processes', first: 'fault',
		text: 'Step to the next fault a few times. Which areas exist before a frame is behind them? What does a read of a new page get, and what a write?',
	},
	cow: {
		title: 'Copy on write',
		options: 'suites=none programs=cow', tab: 'maps', first: 'fault',
		text: 'Step to faults until two processes share frames (a corner marks them). Step on until one of them writes. Compare the entry before and after, and the count of the frame.',
	},
	buddy: {
		title: 'Blocks split and merge',
		options: 'suites=none programs=forktree', tab: 'lists',
		text: 'Step to the next split or merge. Predict the free lists before each step, then look at them.',
	},
	stack: {
		title: 'The stack grows by faults',
		options: 'suites=none programs=stack', tab: 'processes', first: 'fault',
		text: 'Step to faults and watch the area [stack]. Which lines of mm/user_space/stack.c let it grow, and what stops it?',
	},
	brk: {
		title: 'The heap is a number',
		options: 'suites=none programs=brk', tab: 'processes', first: 'fault',
		text: 'Step to the next change of areas. When does the heap merge with its neighbour, and when does it shrink?',
	},
	files: {
		title: 'Files are mapped, not read',
		options: 'suites=none programs=filemap', tab: 'frames',
		text: 'Find a frame of the page cache and open its story. Which processes map it? Step until it changes.',
	},
	slabs: {
		title: 'Objects come from slabs',
		options: 'suites=none programs=forktree slab_debug=FZPU', tab: 'slabs',
		text: 'Which caches grow with each fork? Take slab_debug= away in the settings: which column changes?',
	},
	poor: {
		title: 'Memory runs short',
		options: 'suites=none programs=oom', memory: 24, tab: 'lists',
		text: 'Watch the free frames against the watermarks. What happens at `low`, and what at `min`?',
	},
};
