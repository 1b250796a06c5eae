import { expect } from 'chai';
import fc from 'fast-check';
import { propertyUses } from '../../../tools/release/check-properties.ts';

const asked = (erb: string): readonly string[] =>
  propertyUses(erb).uses.map(({ name, ask }) => `${name} ${ask}`);

describe('the properties that a template asks for', () => {
  const cases: readonly (readonly [erb: string, uses: readonly string[]])[] = [
    ["<%= p('a.b') %>", ['a.b required']],
    ['<%= p("a.b").to_json %>', ['a.b required']],
    ["<%= p('a', 1) %>", ['a optional']],
    ["<%= p('a',\n  nil) %>", ['a optional']],
    ["<%= p(['a', 'b']) %>", ['a required', 'b required']],
    ["<%= p(['a', 'b'], 1) %>", ['a optional', 'b optional']],
    [
      "<% if_p('a', 'b') do |a, b| %><% end.else_if_p('c') do %><% end %>",
      ['a optional', 'b optional', 'c optional'],
    ],
    ['<%= properties.a.b_c %>', ['a.b_c optional']],
    [`<%= properties['a']["b_c"] %>`, ['a.b_c optional']],
    [`<%= properties.a['b_c'] %>`, ['a.b_c optional']],
    ["<%= p 'a.b' %>", ['a.b required']],
    ["<%= p 'a', 1 %>", ['a optional']],
    ["<%= p ['a', 'b'], 1 %>", ['a optional', 'b optional']],
    ["<% if_p 'a', 'b' do |a, b| %><% end %>", ['a optional', 'b optional']],
    ['<% if_p "a" do |a| %><% end.else_if_p "b" do |b| %><% end %>', ['a optional', 'b optional']],
    ["<% top = 1 %><%= other.p %> 'a' %>", []],
    ["<%# p('a') %>", []],
    ["<%\n  # p('a')\n%>", []],
    ["p('text') outside", []],
    ["<%% p('a') %>", []],
    ["<%= map('a') + step('b') %>", []],
    [
      "<% f = ->(name) { p(name) }; f.('a.b'); f.call('c.d', 'e') %>",
      ['a.b optional', 'c.d optional'],
    ],
  ];
  for (const [erb, uses] of cases)
    it(`are ${uses.length === 0 ? 'none' : uses.join(' and ')} in ${erb}`, () => {
      expect(asked(erb)).to.deep.equal(uses);
    });

  it('come with the links, however they are asked for', () => {
    const erb =
      "<%= link('a').p('x') %><% if_link 'b' do %><% end.else_if_link('c') do %><% end %><%= link \"d\" %>";
    expect([...propertyUses(erb).links]).to.have.members(['a', 'b', 'c', 'd']);
    expect([...propertyUses("<%# link('a') %><%= unlink('b') %>").links]).to.deep.equal([]);
  });

  it('may be mentioned in a list where p takes a variable', () => {
    const erb = "<% %w[a.b c.d].each { |name| p(name, '') } %>";
    expect([...propertyUses(erb).mentions]).to.include.members(['a.b', 'c.d']);
    expect([...propertyUses('<% %w[a.b] %>').mentions]).to.deep.equal([]);
  });

  it('are found by every name, whatever stands around', () => {
    const name = fc.stringMatching(/^[a-z]\w{0,9}(\.[a-z]\w{0,9}){0,3}$/);
    const text = fc.string().filter((one) => !one.includes('<') && !one.includes('%'));
    fc.assert(
      fc.property(name, text, text, (property, before, after) => {
        expect(asked(`${before}<%= p('${property}') %>${after}`)).to.deep.equal([
          `${property} required`,
        ]);
      }),
    );
  });
});
