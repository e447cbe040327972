// A real OpenID Connect provider on loopback, for tests: whoever names an account is it.
// node provider.mjs PORT REDIRECT_URI; a number on standard input puts its clock ahead, in seconds.
import Provider from 'oidc-provider';

const [port, redirect] = process.argv.slice(2);
const realNow = Date.now;
let ahead = 0;
Date.now = () => realNow() + ahead * 1000;
process.stdin.on('data', (line) => {
  ahead = Number(line);
  console.log('moved');
});

const client = (id, more) => ({
  client_id: id,
  client_secret: 'a-client-secret-for-tests',
  redirect_uris: [redirect],
  response_types: ['code'],
  grant_types: ['authorization_code'],
  ...more,
});
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [client('elms'), client('elms-with-times', { require_auth_time: true })],
  pkce: { required: () => true },
  claims: { openid: ['sub', 'license_number'] },
  conformIdTokenClaims: false,
  findAccount: (_context, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, license_number: id }),
  }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
