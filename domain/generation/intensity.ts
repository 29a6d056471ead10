/** How many variants of a step a run plans in each style and strategy. */
export const intensities = ['low', 'medium', 'high'] as const;
export type Intensity = (typeof intensities)[number];

export const variantsByIntensity: Readonly<Record<Intensity, number>> = { low: 1, medium: 2, high: 3 };
