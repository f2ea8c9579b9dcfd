// Starts the page: the component library, then Blazor, then what is ours.
import * as library from './_content/Microsoft.FluentUI.AspNetCore.Components/Microsoft.FluentUI.AspNetCore.Components.lib.module.js';
import './time.js';
import { watchTheme } from './themes.js';
import { watchConnection } from './connection.js';
import { watchCopy } from './copy.js';
import { watchTimes } from './filters.js';

const options = {};
watchTheme();
watchConnection();
watchCopy();
watchTimes();
await library.beforeWebStart(options);
await Blazor.start(options);
library.afterWebStarted(Blazor);
