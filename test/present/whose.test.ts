import { expect } from 'chai';
import { namedContainer } from '../../src/names/named-container.ts';
import { whoseSentence } from '../../src/present/whose.ts';
import { BILLING, container } from '../names/named-containers.ts';

const NOTHING = { by: null, container: null, handles: [], process: null } as const;
const NOT_FOUND = { ...NOTHING, answer: 'not-found' } as const;
const PROCESS = { pid: 141, startedAt: '2026-03-02T10:21:00.000Z' };

describe('the sentence about an id', () => {
  it('says since when the agent would know a container that has ended', () => {
    const ended = { since: '2026-03-02T19:10:09.000Z' };
    expect(whoseSentence(NOT_FOUND, { isPid: false, ended })).to.equal(
      'no container has it, ' +
        'and none that ended since 2026-03-02T19:10:09.000Z (the agent started then) had it',
    );
    expect(whoseSentence(NOT_FOUND, { isPid: false, ended: 'last-hour' })).to.equal(
      'no container has it, and none that ended in the last hour had it',
    );
    expect(whoseSentence(NOT_FOUND, { isPid: false, ended: null })).to.equal(
      'no container here has it now; only the agent knows those that have ended',
    );
  });

  it('says of a pid whether a process has it', () => {
    const pid = { isPid: true, ended: 'last-hour' } as const;
    expect(whoseSentence(NOT_FOUND, pid)).to.equal('no process has this pid now');
    expect(whoseSentence({ ...NOT_FOUND, process: PROCESS }, pid)).to.equal(
      'no container has this process',
    );
  });

  it('says of an escaped process that it is outside the cgroups of its container', () => {
    const app = { app: 'checkout-api', index: 1, status: 'untracked' } as const;
    const named = namedContainer(container(BILLING, app), null);
    const escaped = { answer: 'named', by: 'finding', handles: [], process: PROCESS } as const;
    expect(whoseSentence({ ...escaped, container: named }, { isPid: true, ended: null })).to.match(
      new RegExp(
        `^runs outside its cgroups \\(finding escaped\\); ` +
          `its root filesystem is that of app checkout-api/1, app-instance ${BILLING}, ` +
          'untracked, on this cell since ',
      ),
    );
  });

  it('says how much of a handle is enough', () => {
    const short = { ...NOTHING, answer: 'too-short' } as const;
    expect(whoseSentence(short, { isPid: false, ended: null })).to.equal(
      'too short: give at least 7 characters of a handle',
    );
  });

  it('names a task by its app, not as an instance of it', () => {
    const one = container(BILLING, { kind: 'task', app: 'checkout-api', index: 1 });
    const known = { answer: 'named', by: 'id', handles: [], process: null } as const;
    expect(
      whoseSentence(
        { ...known, container: namedContainer(one, null) },
        { isPid: false, ended: null },
      ),
    ).to.match(new RegExp(`^app checkout-api, task ${BILLING}, `));
  });

  it('says which ids there are, for what is not one', () => {
    const sentence = whoseSentence({ ...NOTHING, answer: 'no-id' }, { isPid: false, ended: null });
    expect(sentence).to.match(/^not an id that rollcall knows: give a pid, .* or app\/index$/);
  });
});
