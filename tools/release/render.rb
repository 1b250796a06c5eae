# Renders the templates of jobs as the Director would, with Ruby's own ERB and nothing but the standard library.
#
# One JSON request a line on stdin, one JSON answer a line on stdout:
#   {"jobDir", "properties", "spec"}                           spec: the instance (deployment, name, index, id, az, ip)
#   {"jobDir", "manifest", "spec"}                             manifest: the properties as YAML
#   {"ok": true, "properties", "files": {destination: text}}   properties: with the defaults of the job's spec
#   {"ok": false, "properties", "errors": [line, ...]}         properties: null where they could not be bound
#
# Stricter than the Director in two points. A property that the job does not declare is refused; the Director drops it. A
# template that asks for one fails even if it gives a default: nothing else would find a misspelled name. `link`, `if_p`,
# `properties` and a list of names for `p` are missing, because no template of this release uses them.
require 'erb'
require 'json'
require 'ostruct'
require 'shellwords'
require 'yaml'

class UnknownProperty < StandardError
  def initialize(names) = super("Can't find property '#{names}'")
end

# A name leads through hashes; nil at any step means that the property is not set. false is a value.
def look_up(properties, name)
  name.split('.').inject(properties) { |value, key| value.nil? ? nil : value[key] }
end

# What a template sees: as much as one of this release asks for.
class Context
  def initialize(instance, properties, declared)
    @instance, @properties, @declared = instance, properties, declared
  end

  # Made when it is asked for, because an OpenStruct costs more than the rest of a render.
  def spec = @spec ||= OpenStruct.new(@instance)

  def p(name, *default)
    value = look_up(@properties, name)
    return value unless value.nil?
    raise UnknownProperty.new([name]) if default.empty? || !@declared.include?(name)
    default.first
  end

  def scope = binding
end

# Every declared property, nil where it is neither given nor has a default.
def bind(declared, given)
  declared.each_with_object({}) do |(name, definition), bound|
    *sections, last = name.split('.')
    (sections + [last]).inject(given) do |place, key|
      raise "Property '#{name}' expects a hash, but received '#{place.class}'" unless place.is_a?(Hash)
      place[key].nil? ? break : place[key]
    end
    value = look_up(given, name)
    sections.inject(bound) { |place, key| place[key] ||= {} }[last] = value.nil? ? definition['default'] : value
  end
end

# The names of what is given at or below no declared property.
def undeclared(declared, given, prefix = '')
  given.flat_map do |key, value|
    name = prefix + key
    next [] if declared.key?(name)
    next [name] if declared.keys.none? { |each| each.start_with?("#{name}.") }
    value.is_a?(Hash) ? undeclared(declared, value, "#{name}.") : []
  end
end

def refusals(job, given)
  undeclared(job.fetch('properties', {}), given).map { |name| "Property '#{name}' is not declared in the job's spec" }
end

# The Director's line for a template that fails: the line is the first of the backtrace that lies in the template.
def fill_in(job, source, text, instance, properties)
  template = ERB.new(text, trim_mode: '-')
  template.filename = File.join(job['name'], source)
  context = Context.new(instance, Marshal.load(Marshal.dump(properties)), job.fetch('properties', {}).keys)
  [template.result(context.scope), nil]
rescue Exception => e # a SyntaxError of a template is no StandardError
  place = e.backtrace.find { |each| each.include?(template.filename) } || '(unknown):(unknown)'
  [nil, "Error filling in template '#{source}' (line #{place.split(':')[1]}: #{e})".strip]
end

INSTANCE = {
  'deployment' => 'cf', 'name' => 'diego_cell', 'index' => 0, 'id' => '6fd2b3b2-8b4d-4a0c-9f0e-5d3a1c7e9b10', 'az' => 'z1',
  'ip' => '10.0.4.17'
}.freeze

def failed(errors, properties = nil) = { ok: false, properties: without_nan(properties), errors: }

# YAML has it, and JSON has not.
def without_nan(value)
  return value.transform_values { |each| without_nan(each) } if value.is_a?(Hash)
  value.is_a?(Float) && value.nan? ? nil : value
end

def answer(request)
  directory = request['jobDir']
  given = request.key?('manifest') ? YAML.safe_load(request['manifest']) : request['properties'] || {}
  # The job's spec is called job.MF in a release's tarball.
  file = %w[spec job.MF].map { |name| File.join(directory, name) }.find { |path| File.exist?(path) }
  return failed(["No spec in '#{directory}'"]) if file.nil?
  job = YAML.safe_load_file(file, aliases: true)
  refused = refusals(job, given)
  return failed(refused) unless refused.empty?
  properties = bind(job.fetch('properties', {}), given)
  instance = INSTANCE.merge(request['spec'] || {})
  sources = { 'monit' => 'monit' }.merge(job.fetch('templates', {}))
  filled = sources.to_h do |source, destination|
    path = File.join(directory, source == 'monit' ? source : File.join('templates', source))
    [destination, fill_in(job, source, File.read(path), instance, properties)]
  end
  errors = filled.values.filter_map(&:last)
  errors.empty? ? { ok: true, properties:, files: filled.transform_values(&:first) } : failed(errors, properties)
rescue StandardError => e
  failed([e.message])
end

# One request that cannot be read, or whose answer cannot be written, takes no other with it.
def answer_line(line)
  JSON.generate(answer(JSON.parse(line)))
rescue StandardError => e
  JSON.generate(failed([e.message.scrub]))
end

$stdout.sync = true
$stdin.each_line { |line| puts answer_line(line) }
