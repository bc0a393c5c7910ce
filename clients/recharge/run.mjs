// Runs every method of the official client against a path front, and prints how each went as JSON.
//   node run.mjs '{"base": "http://127.0.0.1:8000", "shop": "…", "customerToken": "…", "email": "…", "loginCode": "…"}'
import * as rc from '@rechargeapps/storefront-client';
import { METHODS } from './methods.mjs';
import { checker } from './shapes.mjs';
import { leadTo } from './shim.mjs';

const given = JSON.parse(process.argv[2]);
leadTo(given.base);
const options = { storeIdentifier: given.shop, environment: 'preprod', environmentUri: given.base, storefrontAccessToken: 'strfnt_check' };
rc.initRecharge(options);

async function outcome([name, type, run, { status, skipped } = {}], context) {
  if (skipped) return { name, result: 'not run', shape: null, note: skipped };
  try {
    const value = await run(rc, context);
    if (status) return { name, result: 'failed', shape: null, note: `answered, though ${status} was expected` };
    const wrong = type && misfit(type, value);
    return { name, result: wrong ? 'failed' : 'ok', shape: type, note: wrong ? `${type}${wrong}` : null };
  } catch (error) {
    const refused = status !== undefined && error.status === status;
    return { name, result: refused ? `error ${status}` : 'failed', shape: null, note: refused ? error.message : `${error.status ?? ''} ${error.message ?? error}` };
  }
}

const code = (text) => `\`${text}\``;

// What the client makes of errors: their text and status, a new login on 401 and on 423.
async function errors(context) {
  const found = {};
  const failing = async (name, call) => {
    try { await call(); found[name] = 'no error'; } catch (error) { found[name] = { status: error.status ?? null, message: error.message }; }
  };
  await failing('not found', () => rc.getSubscription(context.session, 1));
  await failing('unprocessable', () => rc.updateSubscriptionChargeDate(context.session, context.third.id, '2020-01-01'));
  await failing('unauthorized', () => rc.getCustomer({ apiToken: 'st_x.y', customerId: context.session.customerId }));
  await failing('other customer', () => rc.getCustomer({ ...context.session, customerId: '81204020' }));
  rc.initRecharge({ ...options, loginRetryFn: () => rc.loginWithShopifyCustomerAccount(given.customerToken) });
  await failing('unauthorized, then logged in', () => rc.getCustomer({ apiToken: 'st_x.y', customerId: context.session.customerId }));
  return found;
}

const misfit = checker(METHODS.map(([, type]) => type).filter(Boolean));
const context = { given };
const methods = [];
for (const method of METHODS) methods.push(await outcome(method, context));
const known = new Set(METHODS.map(([name]) => name));
const missing = Object.keys(rc).filter((name) => typeof rc[name] === 'function' && name !== 'initRecharge' && !known.has(name));
const table = [
  '| method | answer | checked against |',
  '| --- | --- | --- |',
  ...methods.map(({ name, result, shape, note }) => `| ${code(name)} | ${result}${note ? `: ${note}` : ''} | ${shape ? code(shape) : '-'} |`),
].join('\n');
console.log(JSON.stringify({ methods, missing, errors: await errors(context), table }));
