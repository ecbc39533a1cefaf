// Providers: whose key clients get, and how one is replaced while they go on.
import type { JSX } from "preact";
import type { PageProps } from "../app.tsx";
import { ProvidersPage } from "./providers/keys.tsx";
import { RotationPage } from "./providers/rotation.tsx";

export default function Providers({ route }: PageProps): JSX.Element {
  const id = route.path[1];
  return id ? <RotationPage id={id} /> : <ProvidersPage />;
}
