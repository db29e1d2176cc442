// SPDX-License-Identifier: MIT
/** The serial line as a terminal. */
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';

const themes = {
	light: { background: '#ffffff', foreground: '#1c1c1c', cursor: '#1c1c1c', selectionBackground: '#b5d5ff' },
	dark: { background: '#14171a', foreground: '#dedede', cursor: '#dedede', selectionBackground: '#345' },
};

/** Returns the Terminal; `onInput(text)`: what is typed. */
export function makeConsole(place, onInput) {
	const dark = matchMedia('(prefers-color-scheme: dark)');
	const theme = () => themes[dark.matches ? 'dark' : 'light'];
	const terminal = new Terminal({ fontSize: 12, scrollback: 20000, theme: theme(), screenReaderMode: false });
	const fit = new FitAddon();
	terminal.loadAddon(fit);
	terminal.open(place);
	terminal.onData(onInput);
	dark.addEventListener('change', () => { terminal.options.theme = theme(); });
	new ResizeObserver(() => fit.fit()).observe(place);
	return terminal;
}
