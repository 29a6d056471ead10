export { requireFound } from '../domain/require-found.ts';
