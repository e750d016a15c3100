// Node.js preloads this file when a Go program starts the runtime of jsii, as jsiikernel.go arranges it. It starts jsii's kernel
// in this process, without the relay process that jsii starts otherwise, and with a compile cache. If anything is not as it
// expects, it changes nothing, and jsii starts as it always does.
'use strict';

const fs = require('node:fs');
const module_ = require('node:module');
const os = require('node:os');
const path = require('node:path');
const { Writable } = require('node:stream');
const v8 = require('node:v8');
const { isMainThread } = require('node:worker_threads');

// What jsii tests itself with. For other versions of Node.js its relay prints a warning, which would be missing.
const majors = [22, 24];

// What the kernel starts, such as a bundler, is not preloaded.
const { NODE_OPTIONS: options = '' } = process.env;
process.env.NODE_OPTIONS = options.slice(0, Math.max(0, options.lastIndexOf('--preserve-symlinks --require='))).trim();

const relay = process.argv[1] ?? '';
const kernel = path.join(path.dirname(relay), '..', 'lib', 'program.js');
if (isMainThread && path.basename(relay) === 'jsii-runtime.js' && fs.existsSync(kernel) &&
    majors.includes(Number(process.versions.node.split('.')[0])) && connect()) {
  const { runMain } = module_;
  process.execArgv = [...process.execArgv, '--preserve-symlinks']; // by which the kernel decides to link packages, not to copy them
  module_.runMain = () => { process.argv[1] = kernel; runMain(kernel); };
  cacheCompiled();
  // The CDK validates by WebAssembly. V8 compiles what has run for long once more, optimized: by default
  // so soon that most of it is of no use before a synthesis ends. With this, it does so in an app of many services alone.
  v8.setFlagsFromString('--wasm-tiering-budget=200000000');
}

// connect gives the kernel the pipes from and to the Go program as file descriptor 3, where the relay would be. What the kernel
// or a program that it starts prints must not appear between its responses: it goes to standard error, in the form in which
// the relay sends it. connect reports whether it could be done; otherwise it has changed nothing.
function connect() {
  let requests, responses;
  try {
    requests = fs.openSync('/dev/fd/0', 'r');
    responses = fs.openSync('/dev/fd/1', 'w');
  } catch {
    if (requests !== undefined) fs.closeSync(requests);
    return false;
  }
  // A file gets the lowest free descriptor: these are 0 and 1 of what the kernel starts.
  fs.closeSync(0);
  fs.openSync('/dev/null', 'r');
  fs.closeSync(1);
  fs.openSync('/dev/fd/2', 'w');

  const channel = 3;
  const { readSync, writeSync } = fs;
  fs.readSync = (fd, ...rest) => readSync(fd === channel ? requests : fd, ...rest);
  fs.writeSync = (fd, ...rest) => writeSync(fd === channel ? responses : fd, ...rest);
  for (const stream of ['stdout', 'stderr']) {
    const printed = new Writable({
      write(chunk, _, done) {
        fs.writeSync(2, JSON.stringify({ [stream]: chunk.toString('base64') }) + '\n');
        done();
      },
    });
    printed.fd = 2; // where a program that gets this stream as its own writes
    Object.defineProperty(process, stream, { configurable: true, enumerable: true, get: () => printed });
  }
  return true;
}

// cacheCompiled keeps what V8 has compiled of the packages in the folder of this file. Node.js finds it by the names of the files,
// and the kernel puts the packages into a new folder each time, with a random name. Here it gets one of a few folders that have
// the same names each time, or, if all are in use, a new one, without the cache.
function cacheCompiled() {
  const { mkdtempSync } = fs;
  fs.mkdtempSync = (prefix, ...rest) => {
    try {
      const dir = path.basename(prefix) === 'jsii-kernel-' && acquire(path.join(__dirname, 'kernels'));
      if (dir) {
        module_.enableCompileCache(path.join(__dirname, 'compiled'));
        process.on('exit', () => module_.flushCompileCache());
        return dir;
      }
    } catch {
      // It works without a cache, too.
    }
    return mkdtempSync(prefix, ...rest);
  };
}

// acquire returns one of the numbered folders, which no other process has while this one lives, or nothing. The kernel removes the
// folder when it ends.
function acquire(folder) {
  const folders = 8;
  const own = path.join(folder, `${process.pid}.new`);
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(own, `${process.pid} ${os.hostname()}`);
    for (let n = 0; n < folders; n++) {
      const dir = path.join(folder, String(n));
      if (claim(`${dir}.owner`, own)) {
        fs.rmSync(dir, { recursive: true, force: true });
        fs.mkdirSync(dir);
        forget(folder);
        return dir;
      }
    }
  } finally {
    fs.rmSync(own, { force: true });
  }
}

// claim makes this process the owner, if there is none or it has ended, and reports whether it did. Of several processes that
// see the same dead owner, one can link the file under that owner's name, and only that one replaces it.
function claim(file, own) {
  if (link(own, file)) return true;
  const [pid, host] = fs.readFileSync(file, 'utf8').split(' ');
  if (host !== os.hostname() || alive(Number(pid)) || !link(file, `${file}.${pid}`)) return false;
  fs.renameSync(own, file);
  return true;
}

// forget removes the names of dead owners, when no process can be about to replace them.
function forget(folder) {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    if (/\.owner\.\d+$/.test(name) && Date.now() - fs.statSync(file).ctimeMs > 60_000) fs.rmSync(file, { force: true });
  }
}

function link(from, to) {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (err) {
    if (err.code === 'EEXIST') return false;
    throw err;
  }
}

function alive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (err) {
    return err.code !== 'ESRCH';
  }
}
