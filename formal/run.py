#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the ProVerif models and prints goals x protocols.

run.py [-j N] [--only PATTERN]         run; compare with expected.tsv
run.py --update                        run; write expected.tsv and the page
run.py --check-expected                no prover: are the results current?
run.py --page                          write the page from expected.tsv
run.py --self-test [--update]          broken models must fail their goal
run.py --print ROW                     the model of a row, as one file
"""
import argparse
import concurrent.futures
import fnmatch
import hashlib
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(HERE, '..', 'doc', 'formal-table.md')
EXPECTED = os.path.join(HERE, 'expected.tsv')
NOPROVER = 77
LIMIT = 600                             # CPU seconds for one row; then ?
HOWTO = """formal: skipped: proverif is not on the PATH.
Get ProVerif 2.05 by one of
	opam install proverif
	your distribution's package, where it has one
	the source at https://proverif.inria.fr (OCaml 4.03 or later)
"""
COLS = ['RA1', 'RA2', 'RA3', 'RA4', 'TLS1', 'TLS2.1', 'TLS2.2',
        'C1a', 'C1b', 'C1c', 'C2']
EXTRA = ['Data', 'KEY', 'INST', 'OWN']
QUERY = re.compile(r'^(\(\*: (\S+) \*\).*?);$', re.M | re.S)
DEF = re.compile(r'(?:let|letfun)\s+(\w+)')


def fail(msg):
    sys.exit('formal: ' + msg)


def read(name):
    with open(os.path.join(HERE, name), encoding='utf-8') as f:
        return f.read()


class Row:
    """One line of rows.tsv: a protocol, its hooks, its goals."""

    def __init__(self, line):
        f = line.split('\t')
        if len(f) not in (6, 7):
            fail('rows.tsv: not 6 or 7 fields: ' + line)
        self.name, self.title, model, goals, flags, pub = f[:6]
        self.note = f[6] if len(f) == 7 else ''
        words = model.split()
        self.pv, self.hooks, self.after = words[0], words[1:], []
        if '+' in self.hooks:
            i = self.hooks.index('+')
            self.hooks, self.after = self.hooks[:i], self.hooks[i + 1:]
        self.goals, self.flags = goals.split(), flags.split()
        self.published = parse_published(pub)
        # goals that cannot fail in this row's world; the note says why
        self.trivial = [c for w in self.flags if w.startswith('trivial:')
                        for c in w.split(':', 1)[1].split(',')]

    def files(self):
        kx = 'lib/crypto-dh' if 'dh' in self.flags else 'lib/crypto-kem'
        hash_ = 'lib/hash-weak' if 'weak-hash' in self.flags else 'lib/hash'
        base = ['lib/settings', kx, hash_, 'lib/tls13', 'lib/world', 'lib/rules', 'lib/ea']
        tail = ['lib/evidence', 'lib/stage', 'lib/ea-run'] + self.after
        return [n + '.pvl' for n in base + self.hooks + tail]

    def queries(self):
        """(tag, query) for each goal of the row."""
        text = ''.join(read('goals%s.pvl' % ('' if g == '-' else '-' + g))
                       for g in self.goals)
        rest = re.sub(r'\(\*[^:].*?\*\)', '', QUERY.sub('', text), flags=re.S)
        if rest.strip():
            fail('%s: no query with a tag: %s' % (self.name, rest.strip()))
        return QUERY.findall(text)

    def text(self):
        """All as one file."""
        return ''.join((assemble(self.files()), read('goals.vars'), ';\n'.join(
            q for q, _ in self.queries()), '.\n', assemble([self.pv + '.pv'])))

    def sha(self):
        return hashlib.sha256(self.text().encode()).hexdigest()


def parse_published(text):
    """'RA1+ RA2- ...' or the short form '+-++...' in the order of COLS."""
    if text == '.':
        return {}
    return {c: m for c, m in zip(COLS, text) if m in '+-'}


def chunks(text):
    """Top-level declarations: they begin in column 0."""
    out = []
    for line in text.splitlines(True):
        if out and line[0] in ' \n':
            out[-1] += line
        else:
            out.append(line)
    return out


def assemble(files):
    """All files as one.  A let or letfun of a hook, scenario or broken model
    replaces the library's; of two such, the last counts."""
    cs = [(not n.startswith('lib/'), c) for n in files
          for c in chunks(read(n))]
    best = {}
    for i, (hook, c) in enumerate(cs):
        m = DEF.match(c)
        if m:
            best[m.group(1)] = max(best.get(m.group(1), (False, -1)),
                                   (hook, i))
    return ''.join(c for i, (_, c) in enumerate(cs)
                   if not DEF.match(c) or best[DEF.match(c).group(1)][1] == i)


def rows():
    out = []
    for line in read('rows.tsv').splitlines():
        if line and not line.startswith('#'):
            out.append(Row(line))
    return out


def prove(row):
    """Marks T, F, ? for each query tag of a row; CPU seconds."""
    tags = [t for _, t in row.queries()]
    with tempfile.TemporaryDirectory() as d:
        name = os.path.join(d, row.name + '.pv')
        with open(name, 'w', encoding='utf-8') as f:
            f.write(row.text())
        with open(os.path.join(d, 'out'), 'w+', encoding='utf-8') as out:
            p = subprocess.Popen(
                ['proverif', name], stdout=out, stderr=subprocess.STDOUT,
                preexec_fn=lambda: (os.nice(15), resource.setrlimit(
                    resource.RLIMIT_CPU, (LIMIT, LIMIT))))
            _, _, use = os.wait4(p.pid, 0)
            out.seek(0)
            log = out.read()
    m = re.search(r'^Error: .*', log, re.M)
    if m:
        print('%s: %s' % (row.name, m.group(0)), file=sys.stderr)
        return dict.fromkeys(tags, '?'), use.ru_utime
    res = re.findall(r'^RESULT (?!\().*?(is true|is false|cannot be proved)\.',
                     log, re.M)
    v = [{'is true': 'T', 'is false': 'F'}.get(r, '?') for r in res]
    if len(v) > len(tags):
        fail('%s: %d results for %d queries' % (row.name, len(v), len(tags)))
    return dict(zip(tags, v + ['?'] * (len(tags) - len(v)))), use.ru_utime


def cell(res, goal):
    """The mark of a goal.  + holds; for goals with levels also when it breaks:
    +2 both keys, +A the accepted AK alone, +T the TLS key alone, +1 either."""
    if goal == 'OWN':
        both = [res[t] for t in res if t.startswith('OWN/')]
        return '' if not both else '-' if 'F' in both else (
            '?' if '?' in both else '+')
    if goal == 'INST':
        if goal not in res:
            return ''
        return '+' if res['INST/0'] == 'T' else '+2' if res[
            'INST'] == 'T' else '-' if res['INST'] == 'F' else '?'
    if goal in res:
        return {'T': '+', 'F': '-'}.get(res[goal], '?')
    lv = [res.get('%s/%s' % (goal, k)) for k in '2AT1']
    if lv == [None] * 4:
        return ''
    if lv[0] == 'T':
        return '+2'
    if lv[1] == 'T' and lv[2] == 'T':
        return '+2'
    if lv[1] == 'T':
        return '+A'
    if lv[2] == 'T':
        return '+T'
    if '?' in lv[1:3] and lv[3] != 'F':
        return '?'
    return {'T': '+1', 'F': '-'}.get(lv[3], '?')


def marks(res):
    """All cells of a row; None where the sanity queries fail."""
    live = [v for t, v in res.items() if t.startswith('live')]
    if 'T' in live:
        return None
    if '?' in live:
        return {g: '?' for g in COLS + EXTRA if any(
            t.split('/')[0] == g for t in res)}
    return {g: cell(res, g) for g in COLS + EXTRA}


SHOW = {'+': '✓', '-': '✗', '+2': '✓²', '+A': '✓ᴬ', '+T': '✓ᵀ', '+1': '✓¹',
        '?': '?', '': ''}


def shown(row, m, goal):
    """Our mark, and the published one where it differs."""
    s = SHOW[m.get(goal, '')]
    if goal in row.trivial and m.get(goal) == '+':
        s = '(✓)'
    p = row.published.get(goal)
    if p and m.get(goal, '?')[:1] in ('+', '-') and m[goal][:1] != p:
        s += ' (≠%s)' % {'+': '✓', '-': '✗'}[p]
    elif p and m.get(goal, '?') != '?':
        s += '='
    return s


def differs(row, m):
    return any(m.get(g, '?')[:1] in ('+', '-') and m[g][:1] != p
               for g, p in row.published.items())


def attacks():
    """attacks.list: name, row:goal ..., lab move or -, story."""
    out = []
    for line in read('attacks.list').splitlines():
        if line and not line.startswith('#'):
            f = line.split('\t')
            if len(f) != 4:
                fail('attacks.list: not 4 fields: ' + line)
            cells = []
            for w in f[1].split():
                r, gs = w.split(':')
                cells += [(r, g) for g in gs.split(',')]
            out.append((f[0], cells, f[2], f[3]))
    return out


def story_of(row, m, atk):
    """The attacks that make the crosses and weak cells of a row."""
    out = []
    for name, cells, move, story in atk:
        gs = [g for r, g in cells if r == row.name]
        if gs:
            out.append((name, gs, story))
    return out


def check_attacks(table, atk):
    """Each cell that fails, or breaks by one leak, has its attack; each
    attack has such a cell."""
    bad = 0
    named = {c for _, cells, _, _ in atk for c in cells}
    known = {r.name: m for r, m, _ in table if m}
    for r, g in sorted(named):
        if r in known and known[r].get(g, '') in ('', '+', '+2'):
            print('attacks.list: %s:%s does not fail' % (r, g))
            bad = 1
    for r, m, _ in table:
        if m is None or 'scenario' in r.flags:
            continue
        for g in COLS + EXTRA:
            if m.get(g, '') not in ('', '+', '+2', '?') and (
                    r.name, g) not in named:
                print('attacks.list: nothing for %s:%s' % (r.name, g))
                bad = 1
    return bad


def print_table(table, atk):
    w = max(len(r.title) for r, _, _ in table)
    cols = COLS + EXTRA
    print(' ' * w, ' '.join('%-7s' % c for c in cols), ' CPU s')
    for r, m, t in table:
        if m is None:
            print('%-*s NOT REACHED: the honest run does not end' %
                  (w, r.title))
            continue
        print('%-*s %s %6.0f' % (w, r.title, ' '.join(
            '%-7s' % shown(r, m, c) for c in cols), t))
        for name, gs, story in story_of(r, m, atk):
            print('%s   %s: %s: %s' % (' ' * 4, ','.join(gs), name, story))


LEGEND = """# Goals and protocols, as ProVerif finds them

Generated by `formal/run.py --update`; do not edit. How to read it, what is
modelled and what is not: `formal/README.md`.

✓ holds. ✗ an attack was found; the story is below. ? not decided.
For goals about the connection the mark also says what breaks it:
✓² both the accepted attestation key and this connection's TLS key must leak;
✓ᴬ holds while the accepted attestation key is safe, whatever else leaks;
✓ᵀ holds while the TLS key of this name is safe, whatever else leaks;
✓¹ holds while both are safe.
(✓) holds for a trivial reason, which a note below tells.
All keys of all other machines may always leak.
`=` the published cell is the same; `(≠x)` the published cell is x, and a note
below says why. An empty cell was not asked in that row.

"""
NOTES = """
## Notes

Where a cell is not the published one, or not decided; where a run explains
another. Repeat one with `formal/run.py --only ROW`.

| row | name | note |
|---|---|---|
"""


def page(table, atk):
    cols = COLS + EXTRA
    out = [LEGEND, '| protocol | %s |\n' % ' | '.join(cols),
           '|---|%s\n' % ('---|' * len(cols))]
    for r, m, _ in table:
        c = [shown(r, m, g) if m else 'dead' for g in cols]
        out.append('| %s | %s |\n' % (r.title, ' | '.join(c)))
    out.append(NOTES)
    for r, _, _ in table:
        if r.note:
            out.append('| %s | `%s` | %s |\n' % (r.title.strip(' -'), r.name,
                                                r.note))
    out.append('\n## Attacks\n\n| attack | cells | laboratory | story |\n'
               '|---|---|---|---|\n')
    for name, cells, move, story in atk:
        by = {}
        for r, g in cells:
            by.setdefault(r, []).append(g)
        out.append('| %s | %s | %s | %s |\n' % (name, '; '.join(
            '%s: %s' % (r, ', '.join(g)) for r, g in by.items()),
            move, story))
    return ''.join(out)


def check_page(table):
    with open(PAGE, encoding='utf-8') as f:
        if f.read() == page(table, attacks()):
            return 0
    print('doc/formal-table.md is not of these results: run.py --page')
    return 1


def write_page(table=()):
    """The page of the results of this run, and for other rows of those that
    are recorded."""
    exp, now = load_expected(), {r.name: m for r, m, _ in table}
    with open(PAGE, 'w', encoding='utf-8') as f:
        f.write(page([(r, now.get(r.name, unpack(exp[r.name][1])), 0)
                      for r in rows() if r.name in exp], attacks()))


def load_expected():
    out = {}
    for line in read('expected.tsv').splitlines():
        if line and not line.startswith('#'):
            f = line.split('\t')
            out[f[0]] = (f[1], f[2])
    return out


def pack(m):
    return 'dead' if m is None else ' '.join(
        '%s=%s' % (g, m[g]) for g in COLS + EXTRA if m.get(g))


def unpack(text):
    return None if text == 'dead' else dict(
        w.split('=') for w in text.split())


def check_expected():
    """Every row has results, of exactly these model files."""
    exp, bad = load_expected(), 0
    for r in rows():
        if r.name not in exp:
            print('%s: no result in expected.tsv' % r.name)
            bad = 1
        elif exp[r.name][0] != r.sha():
            print('%s: model changed since its result was recorded' % r.name)
            bad = 1
    for n in set(exp) - {r.name for r in rows()}:
        print('%s: in expected.tsv but not in rows.tsv' % n)
        bad = 1
    table = [(r, unpack(exp[r.name][1]), 0) for r in rows() if r.name in exp]
    for r, m, _ in table:
        if m is None:
            print('%s: the honest run does not end' % r.name)
            bad = 1
        elif not r.note and ('?' in m.values() or differs(r, m) or
                             r.trivial):
            print('%s: ?, trivial or another cell than published, and no note'
                  % r.name)
            bad = 1
    bad |= check_attacks(table, attacks())
    bad |= check_broken()
    bad |= check_page(table)
    print('formal: expected.tsv %s' % ('is stale' if bad else
          'holds for the models as they are (nothing was proved now)'))
    print('t_formal: %d checks, %d failed' % (len(rows()), bad))
    return bad


def need_prover():
    if shutil.which('proverif') is None:
        sys.stderr.write(HOWTO)
        sys.exit(NOPROVER)
    v = subprocess.run(['proverif', '-help'], capture_output=True,
                       text=True, check=False).stdout.splitlines()[:1]
    if not v or ' 2.05' not in v[0]:
        sys.stderr.write('formal: written for ProVerif 2.05; this is %s\n' %
                         ''.join(v))


def run_all(todo, jobs, save):
    t0, table = time.time(), {}
    with concurrent.futures.ThreadPoolExecutor(jobs) as ex:
        fs = {ex.submit(prove, r): r for r in sorted(
            todo, key=lambda r: 'long' not in r.flags)}
        for f in concurrent.futures.as_completed(fs):
            r = fs[f]
            res, t = f.result()
            table[r.name] = (r, marks(res), t)
            print('%-24s %5.0f s  %s' % (r.name, t, pack(marks(res))),
                  file=sys.stderr, flush=True)
            if save:
                update([table[r.name]])
    print('formal: %d rows, %.0f s' % (len(todo), time.time() - t0),
          file=sys.stderr)
    return [table[r.name] for r in todo]


def update(table):
    old = {}
    if os.path.exists(EXPECTED):
        old = load_expected()
    for r, m, _ in table:
        old[r.name] = (r.sha(), pack(m))
    with open(EXPECTED, 'w', encoding='utf-8') as f:
        f.write('# row, SHA-256 of its model as assembled, cells; written by '
                'run.py --update\n')
        for r in rows():
            if r.name in old:
                f.write('%s\t%s\t%s\n' % ((r.name,) + old[r.name]))


def compare(table):
    exp, bad = load_expected(), 0
    for r, m, _ in table:
        want = exp.get(r.name, ('', 'nothing'))
        if want[1] != pack(m):
            print('%s: expected %s\n%s  found    %s' % (
                r.name, want[1], ' ' * len(r.name), pack(m)))
            bad = 1
        if m is None:
            bad = 1
    return bad


def broken():
    """broken.tsv: (goal, row with the hooks that break it, hooks, SHA-256 of the
    model for which the goal was last seen to fail)."""
    by = {r.name: r for r in rows()}
    for line in read('broken.tsv').splitlines():
        if line and not line.startswith('#'):
            goal, name, hooks, sha = line.split('\t')
            r = by[name]
            before, _, after = hooks.partition('+ ')
            model = [r.pv] + r.hooks + before.split() + ['+'] + r.after + (
                after.split())
            yield goal, Row('\t'.join([
                r.name, r.title, ' '.join(model), ' '.join(r.goals),
                ' '.join(r.flags), '.'])), hooks, sha


def check_broken():
    bad = 0
    for goal, row, hooks, sha in broken():
        if sha != row.sha():
            print('broken.tsv: %s: not seen to fail in %s with %s as it is: '
                  'run.py --self-test --update' % (goal, row.name, hooks))
            bad = 1
    return bad


def self_test(jobs, save, wanted):
    """With its hooks each goal of broken.tsv must fail."""
    cases, bad, fresh = list(broken()), 0, []
    models = {row.sha(): row for _, row, _, _ in cases if wanted(row.name)}
    with concurrent.futures.ThreadPoolExecutor(jobs) as ex:
        found = dict(zip(models, ex.map(lambda r: prove(r)[0],
                                        models.values())))
    for goal, row, hooks, seen in cases:
        if not wanted(row.name):
            fresh.append('\t'.join([goal, row.name, hooks, seen]) + '\n')
            continue
        res = found[row.sha()]
        ok = res.get(goal) == 'T' if goal.startswith('live') else (
            (marks(res) or {}).get(goal) == '-')
        bad |= not ok
        fresh.append('%s\t%s\t%s\t%s\n' % (goal, row.name, hooks, row.sha()
                                           if ok else '-'))
        print('%-9s %-14s %-38s %s' % (goal, row.name, hooks, (
            'fails, as it must' if ok else 'DOES NOT FAIL')))
    if save:
        head = [l for l in read('broken.tsv').splitlines(True)
                if l.startswith('#')]
        with open(os.path.join(HERE, 'broken.tsv'), 'w',
                  encoding='utf-8') as f:
            f.write(''.join(head + fresh))
    return int(bad)


def main():
    ap = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('-j', type=int, default=2, metavar='N')
    ap.add_argument('--only', action='append', metavar='PATTERN')
    ap.add_argument('--update', action='store_true')
    ap.add_argument('--check-expected', action='store_true')
    ap.add_argument('--page', action='store_true')
    ap.add_argument('--self-test', action='store_true')
    ap.add_argument('--print', metavar='ROW', dest='show')
    a = ap.parse_args()

    def wanted(name):
        return not a.only or any(fnmatch.fnmatchcase(name, w) for w in a.only)

    if a.check_expected:
        return check_expected()
    if a.page:
        write_page()
        return 0
    if a.show:
        for r in rows():
            if r.name == a.show:
                sys.stdout.write(r.text())
                return 0
        fail('no row ' + a.show)
    need_prover()
    if a.self_test:
        return self_test(a.j, a.update, wanted)
    todo = [r for r in rows() if wanted(r.name)]
    table = run_all(todo, a.j, a.update)
    if a.update or not a.only:
        write_page(table)
    print_table(table, attacks())
    return compare(table)


if __name__ == '__main__':
    sys.exit(main())
