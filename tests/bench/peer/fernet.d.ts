// The npm package has no types of its own; this is the part the peer uses.
declare module "fernet" {
  interface Secret {
    readonly signingKeyHex: string;
  }
  export interface Fernet {
    Secret: new (secretBase64url: string) => Secret;
    Token: new (options: { secret: Secret; ttl: number }) => { encode(message: string): string };
  }
  const fernet: Fernet;
  export default fernet;
}
