#!/usr/bin/env node
const version: string = process.version;
process.stdout.write(`${version} ${process.argv.slice(2).join(' ')}\n`);
