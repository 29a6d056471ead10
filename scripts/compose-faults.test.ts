import { describe, expect, it } from 'vitest';
import { composeFaults } from './compose-faults.ts';

const healthcheck = { test: ['CMD', 'true'] };

describe('composeFaults', () => {
  it('accepts services with pinned images, health checks and required secrets', () => {
    const compose = {
      services: {
        database: { image: 'postgres:18.1-bookworm', healthcheck, volumes: ['data:/var/lib/postgresql', './init.sh:/init.sh:ro'] },
        migrate: { image: 'ordeal:0.1.0', restart: 'no', depends_on: { database: { condition: 'service_healthy' } } },
        api: {
          image: 'ordeal:0.1.0',
          healthcheck,
          ports: ['127.0.0.1:8080:8080'],
          depends_on: { migrate: { condition: 'service_completed_successfully' } },
        },
      },
      volumes: { data: {} },
    };
    expect(composeFaults(compose, 'password: ${DB_PASSWORD:?set it}', 'DB_PASSWORD=\n')).toEqual([]);
  });

  it.each([
    ['an image without a version', { image: 'postgres:latest', healthcheck }, 'the image needs a tag with a version'],
    ['a service without a health check', { image: 'postgres:18.1' }, 'a service that stays up needs a health check'],
    ['a port for everybody', { image: 'a:1', healthcheck, ports: ['8080:8080'] }, 'port 8080:8080 must be published on 127.0.0.1 alone'],
    [
      'an unknown dependency',
      { image: 'a:1', healthcheck, depends_on: { b: { condition: 'service_healthy' } } },
      'depends on b, which does not exist',
    ],
    ['an undeclared volume', { image: 'a:1', healthcheck, volumes: ['data:/data'] }, 'the volume data is not declared'],
  ])('finds %s', (_, service, fault) => {
    expect(composeFaults({ services: { a: service } }, '', '')).toEqual([`a: ${fault}`]);
  });

  it('finds a secret with a default and a variable that the example does not name', () => {
    const faults = composeFaults({ services: {} }, '${DB_PASSWORD:-postgres} ${API_PORT:-8080}', '# API_PORT=8080\n');
    expect(faults).toEqual(['.env.example does not name DB_PASSWORD', expect.stringMatching(/^DB_PASSWORD is a secret/)]);
  });
});
