// Style sheets that a module brings along.
declare module "*.css";
// Where the client module is, written in by scripts/lib/dashboard; empty where it is not built.
declare const CLIENT_MODULE: string;
