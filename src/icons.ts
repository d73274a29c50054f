import { LabIcon } from '@jupyterlab/ui-components';

import egressSvg from '../style/icons/egress.svg';
import keySvg from '../style/icons/key.svg';
import underpassSvg from '../style/icons/underpass.svg';

export const underpassIcon = new LabIcon({
  name: 'underpass:underpass',
  svgstr: underpassSvg
});

export const egressIcon = new LabIcon({
  name: 'underpass:egress',
  svgstr: egressSvg
});

export const keyIcon = new LabIcon({ name: 'underpass:key', svgstr: keySvg });
