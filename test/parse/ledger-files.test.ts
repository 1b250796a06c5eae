import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import {
  holderIn,
  isAddress,
  namespaceMountsOf,
  parseFibTrie,
  parseHostInterfaces,
  parsePolicyStore,
  parsePortPool,
} from '../../src/parse/ledger-files.ts';

/** As Linux 6.18 prints it for a container of silk; Main and Local show the same trie. */
const TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     |-- 10.255.1.2
        /32 host LOCAL
     |-- 169.254.0.1
        /32 link UNICAST
`;

describe('the address of a network namespace', () => {
  it('is what fib_trie calls LOCAL with 32 bits, but no loopback', () => {
    expect(parseFibTrie(`${TRIE}${TRIE.replace('Main', 'Local')}`)).to.deep.equal(['10.255.1.2']);
    expect(parseFibTrie('Main:\n')).to.deep.equal([]);
  });
});

describe('the interfaces of silk on the host', () => {
  it('are named after the addresses of containers; other names, and impossible ones, are not', () => {
    const dev = [
      'Inter-|   Receive  |  Transmit',
      ' face |bytes    packets errs drop',
      '    lo:       0       0',
      's-010255001002:      90       1',
      's-010255001256:      90       1',
      's-0102550010022:     90       1',
      's-01025500100x:      90       1',
      '  eth0: 1 2',
      's-010255001002:      90       1',
    ];
    expect(parseHostInterfaces(dev.join('\n'))).to.deep.equal(['10.255.1.2']);
  });
});

describe('the files of host-local', () => {
  it('are addresses only if each of their four numbers is below 256', () => {
    const names = ['10.255.1.2', 'last_reserved_ip.0', 'lock', '10.255.1.256', '10.255.1', '::1'];
    expect(names.filter(isAddress)).to.deep.equal(['10.255.1.2']);
  });
});

describe('what only root may read', () => {
  it('names whom host-local gave an address, in the first line', () => {
    const texts = ['H1\r\neth0', 'H1\n', '', ' \neth0'];
    expect(texts.map(holderIn)).to.deep.equal(['H1', 'H1', null, null]);
  });

  it('names who has ports, and nobody in half of it or in another JSON', () => {
    const text = '{"acquired_ports":{"H1":[61001,61002],"H2":[]}}';
    expect(parsePortPool(text)).to.deep.equal(['H1', 'H2']);
    for (const bad of [text.slice(0, -3), '', '[]', '{}', '{"acquired_ports":{"H1":7}}'])
      expect(parsePortPool(bad), bad).to.equal(null);
  });
});

describe('the network namespaces in a mount table', () => {
  it("are the nsfs mounts of Garden's networker, by handle", () => {
    const at = '/var/vcap/data/garden-cni/container-netns';
    const table = [
      `60 1 0:4 net:[4026532501] ${at}/H1 rw - nsfs nsfs rw`,
      `61 1 0:4 net:[4026532502] /run/docker/netns/abc rw - nsfs nsfs rw`,
      `62 1 0:4 mnt:[4026532503] ${at}/H2 rw - nsfs nsfs rw`,
      `63 1 0:4 net:[4026532504] ${at}/H3 rw - ext4 /dev/sda rw`,
    ];
    const found = namespaceMountsOf(asByteString(`${table.join('\n')}\n`));
    expect([...found]).to.deep.equal([['H1', 4026532501]]);
  });
});

describe('the policy store', () => {
  const entry = { handle: 'H1', ip: '10.255.1.2', metadata: { app_id: 'a', space_id: 's' } };

  it('says for each handle its address, app and space; what has another form is not known', () => {
    const text = JSON.stringify({
      H1: { ...entry, more: true },
      H2: { handle: 'H2', ip: 7, metadata: { app_id: 'x'.repeat(300), org_id: 'o' } },
      H3: { handle: 'H3', metadata: 'none' },
    });
    const unknown = { address: null, appId: null, spaceId: null, organizationId: null };
    expect([...(parsePolicyStore(text) ?? [])]).to.deep.equal([
      ['H1', { address: '10.255.1.2', appId: 'a', spaceId: 's', organizationId: null }],
      ['H2', { ...unknown, organizationId: 'o' }],
      ['H3', unknown],
    ]);
  });

  it('is not read from half of it, from another JSON or from nothing', () => {
    const whole = JSON.stringify({ H1: entry });
    for (const text of [whole.slice(0, -5), '', '[]', '7', '{"H1":{}}', '{"H1":{"handle":7}}'])
      expect(parsePolicyStore(text), text).to.equal(null);
    expect(parsePolicyStore('{}')?.size).to.equal(0);
  });
});
