// SPDX-License-Identifier: MIT
/** Relative addresses, so that the folder works at any place of a web server. */
import { defineConfig } from 'vite';

export default defineConfig({
	base: './',
	build: { outDir: process.env.LAB_OUT, emptyOutDir: true, assetsInlineLimit: 0, target: 'es2022', modulePreload: { polyfill: false } },
	worker: { format: 'es' },
});
