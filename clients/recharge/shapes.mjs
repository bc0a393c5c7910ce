// JSON schemas made from the client's own TypeScript types, and where real answers are known to differ from them.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv';
import { createGenerator } from 'ts-json-schema-generator';

// The types say less than captured answers show. Each line is a type, a key, and why null may stand there.
export const NULLABLE = [
  ['Charge', 'processed_at', 'null until a charge is paid (captured answers)'],
  ['AssociatedAddress', 'province', 'null in countries without provinces'],
  ['Customer', 'first_charge_processed_at', 'null before the first charge'],
  ['Customer', 'phone', 'null without a number'],
  ['Customer', 'apply_credit_to_next_recurring_charge_channel', 'null when credit was never set up'],
  ['Onetime', 'variant_title', 'null for products with one variant'],
  ['Onetime', 'next_charge_scheduled_at', 'null once it is charged or cancelled'],
  ['Membership', 'next_charge_scheduled_at', 'null once it is cancelled'],
];

const bare = (type) => type.replace('[]', '');

// One generated interface has all the types, since the generator loses definitions from one run to the next.
function schemaOf(types) {
  const names = [...new Set([...types.map(bare), ...NULLABLE.map(([owner]) => owner)])];
  const path = fileURLToPath(new URL('node_modules/.answers.ts', import.meta.url));
  const imported = `import type { ${names.join(', ')} } from '@rechargeapps/storefront-client';`;
  writeFileSync(path, `${imported}\nexport interface Answers { ${names.map((name) => `${name}: ${name};`).join(' ')} }\n`);
  const schema = createGenerator({
    path, skipTypeCheck: true, expose: 'all', topRef: false, additionalProperties: false,
  }).createSchema('Answers');
  for (const reference of JSON.stringify(schema).matchAll(/"#\/definitions\/([^"]+)"/g)) {
    // Steps of a multi-step builder: a tuple type that the generator refers to and does not define.
    schema.definitions[decodeURIComponent(reference[1])] ??= {};
  }
  // The generator takes a record with numbers as keys for a list.
  schema.definitions.PunchCardProgress = { type: 'object' };
  for (const [owner, key] of NULLABLE) {
    const { properties } = schema.definitions[owner];
    properties[key] = { anyOf: [properties[key], { type: 'null' }] };
  }
  return schema;
}

// A function from a type and a value to what is wrong with the value, or null.
export function checker(types) {
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addSchema(schemaOf(types), 'answers');
  return (type, value) => {
    const list = type.endsWith('[]');
    if (list && !(Array.isArray(value) && value.length > 0)) return ' is no list, or an empty one';
    const validate = ajv.getSchema(`answers#/properties/${bare(type)}`);
    for (const each of list ? value : [value]) {
      // Keys that are undefined on this side of the wire were not sent.
      if (!validate(JSON.parse(JSON.stringify(each)))) {
        const [first] = validate.errors.filter(({ keyword }) => keyword !== 'anyOf').concat(validate.errors);
        return `${first.instancePath || '/'} ${first.message} ${JSON.stringify(first.params)}`;
      }
    }
    return null;
  };
}
