/** The faces that specs run in; `npm run e2e` runs each spec once per face. */
export const FACES = ['chromium', 'electron'] as const;
export type Face = (typeof FACES)[number];

/** The face of this run, from the variable `FACE`. */
export function currentFace(environment: Readonly<Record<string, string | undefined>> = process.env): Face {
  const face = FACES.find((name) => name === environment.FACE);
  if (face === undefined) throw new Error('FACE must be "chromium" or "electron"; start specs with "npm run e2e".');
  return face;
}
